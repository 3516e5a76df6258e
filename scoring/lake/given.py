"""What a predictor version gave for events, as SQL: live, or as a shadow."""


def queries_of_given(where: str) -> list[str]:
    """For the probabilities that `$predictor` gave, live and as a shadow, one query each.

    Of shadows much has to be read, so they are looked at only where another predictor was live.
    """
    given = {
        "predictor = $predictor": "probability",
        "predictor != $predictor": f"{_shadow_of('$predictor')} AS probability",
    }
    return [
        f"FROM (SELECT {value} FROM recorded WHERE {where} AND {whose}) WHERE probability IS NOT NULL"
        for whose, value in given.items()
    ]


def given_by(predictor: str) -> str:
    """What a predictor version gave for an event, live or as a shadow; null where it did not."""
    return f"CASE WHEN predictor = {predictor} THEN probability ELSE {_shadow_of(predictor)} END"


def _shadow_of(predictor: str) -> str:
    """What it gave as a shadow; the first answer of several, which are the same for all of its transforms."""
    return f"list_filter(shadows, lambda s: s.predictor = {predictor} AND s.probability IS NOT NULL)[1].probability"
