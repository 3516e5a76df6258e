from pathlib import Path

import pytest

from muse_site import environment

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_settings_document__table__is_that_of_the_code() -> None:
    assert environment.table() in DOCUMENT.read_text()


def test_read__nothing_set__gives_every_default() -> None:
    values = environment.read({})
    assert values.keys() == {variable.name for variable in environment.VARIABLES}
    assert values["MUSE_SCORING_PORT"] == 8100


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MUSE_SCORING_PORT", "eighty", "a whole number"),
        ("MUSE_SCORING_PORT", "70000", "from 1 to 65535"),
        ("MUSE_DEBUG", "perhaps", "1 or 0"),
        ("MUSE_LOG_FORMAT", "xml", "console or json"),
        ("MUSE_FLUSH_SECONDS", "nan", "seconds"),
        ("DATABASE_URL", "sqlite:///file", "postgresql:"),
    ],
)
def test_read__bad_value__names_the_variable_and_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(environment.BadSetting) as stopped:
        environment.read({name: value})
    assert str(stopped.value).startswith(f"{name}: expected")
    assert expected in str(stopped.value)


def test_read__unknown_name__is_refused() -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_SCORNIG_PORT: there is no such setting"):
        environment.read({"MUSE_SCORNIG_PORT": "1"})


@pytest.mark.parametrize(
    "value", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://h:0x", "smtp://h/a"]
)
def test_mail_server__of_a_wrong_form__stops_the_start_without_its_password(value: str) -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_EMAIL_URL: expected smtp://"):
        environment.read({"MUSE_EMAIL_URL": value})
    with pytest.raises(environment.BadSetting) as stopped:
        environment.read({"MUSE_EMAIL_URL": "smtp://ann:hidden@mail.example.com/path"})
    assert "hidden" not in str(stopped.value)


SECRETS = {
    "DATABASE_URL": ["host=db password=hunter2", "mysql://ann:hunter2@db", "mysql://ann:hun/ter2@db", "postgresql://ann:hun%ter2@db"],
    "DATABASE_OWNER_URL": ["postgresql://ann:hunter2@db:x:y%"],
    "REDIS_URL": ["hunter2@host", "redis://:hun/ter2@host", "redis://:hun#ter2@host", "redis://:hun?ter2@host"],
    "MUSE_EMAIL_URL": ["hunter2", "smtp://ann:hun/ter2@mail.example.com", "smtp://ann:hun@ter2@mail.example.com/x"],
    "MUSE_OTEL_ENDPOINT": ["ftp://ann:hun/ter2@collector", "ftp://ann:hun@ter2@collector"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in SECRETS.items() for value in values])
def test_secret__in_a_value_that_cannot_be_read__is_not_in_what_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(environment.BadSetting, match=f"{name}: expected") as stopped:
        environment.read({name: value})
    assert not [part for part in ("hun", "ter2", "hunter2") if part in str(stopped.value)]


def test_secret__that_can_be_read__may_have_any_letter_of_a_password() -> None:
    written = {"DATABASE_URL": "postgresql://ann:a%25b%2Fc%40d@db/muse", "REDIS_URL": "redis://:a%2Fb%23c@host:6379/0"}
    assert environment.read(written).items() >= written.items()
    environment.read({"REDIS_URL": "unix:///run/valkey.sock?db=1", "DATABASE_URL": "postgresql:///muse?host=/run"})


@pytest.mark.parametrize("value", ["", "nobody", "a@b\r\nBcc: c@d", "@"])
def test_sender__that_is_no_address__stops_the_start(value: str) -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_EMAIL_FROM: expected an e-mail address"):
        environment.read({"MUSE_EMAIL_FROM": value})


@pytest.mark.parametrize(
    "value",
    ["login.example.com", "http://login.example.com", "https://", "https://login.example.com/?a=b", "https://[/"],
)
def test_issuer__that_others_could_speak_for__stops_the_start(value: str) -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_OIDC_ISSUER: expected "):
        environment.read({"MUSE_OIDC_ISSUER": value, "MUSE_OIDC_CLIENT_ID": "muse"})


def test_issuer__with_a_slash_at_its_end__is_the_same_without() -> None:
    values = environment.read({"MUSE_OIDC_ISSUER": "https://login.example.com/", "MUSE_OIDC_CLIENT_ID": "muse"})
    assert values["MUSE_OIDC_ISSUER"] == "https://login.example.com"
    assert environment.read({"MUSE_OIDC_ISSUER": "http://localhost:9", "MUSE_OIDC_CLIENT_ID": "muse"})


def test_issuer__alone__stops_the_start() -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_OIDC_CLIENT_ID: expected beside MUSE_OIDC_ISSUER"):
        environment.read({"MUSE_OIDC_ISSUER": "https://login.example.com"})


def test_secret__in_a_file__is_read_from_there(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert environment.read({"MUSE_SECRET_KEY_FILE": str(tmp_path / "key")})["MUSE_SECRET_KEY"] == "from a file"


def test_secret__in_a_file_and_beside_it__stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_SECRET_KEY_FILE: expected to be the only one") as stopped:
        environment.read({"MUSE_SECRET_KEY_FILE": str(tmp_path / "key"), "MUSE_SECRET_KEY": "hidden"})
    assert "hidden" not in str(stopped.value)


def test_secret__in_a_file_that_is_not_there__stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(environment.BadSetting, match="DATABASE_URL_FILE: expected a file that can be read"):
        environment.read({"DATABASE_URL_FILE": str(tmp_path / "nothing")})


def test_setting__that_is_no_secret__has_no_file() -> None:
    with pytest.raises(environment.BadSetting, match="MUSE_DEBUG_FILE: there is no such setting"):
        environment.read({"MUSE_DEBUG_FILE": "x"})


def test_settings_document__names_each_secret_s_file() -> None:
    names = [f"`{variable.name}_FILE`" for variable in environment.VARIABLES if variable.is_secret]
    assert [name for name in names if name not in DOCUMENT.read_text()] == []
