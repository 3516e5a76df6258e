"""Queue, consumer and lake on a machine whose clock, disk and lake obey the test: any schedule can be played again."""
