"""The keys that an installation makes for itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crm_site import keys


def test_made_once_and_kept_for_us_alone(tmp_path: Path) -> None:
    made = {name: keys.key(name, tmp_path / "var") for name in keys.NAMES}
    assert made == {name: keys.key(name, tmp_path / "var") for name in keys.NAMES}
    assert made.pop("PARSE_APP_ID") == "crm"
    assert len(set(made.values())) == len(made)
    assert min(map(len, made.values())) >= 50
    files = list((tmp_path / "var/keys").iterdir())
    assert len(files) == len(made)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARSE_APP_ID", "sales")
    monkeypatch.setenv("PARSE_MASTER_KEY", "mine")
    assert keys.key("PARSE_APP_ID", tmp_path) == "sales"
    assert keys.key("PARSE_MASTER_KEY", tmp_path) == "mine"
    assert keys.whereabouts("PARSE_MASTER_KEY", tmp_path) == "in your environment"
    assert not list(tmp_path.iterdir())


def test_whereabouts_of_a_key_that_nobody_set(tmp_path: Path) -> None:
    assert keys.whereabouts("PARSE_APP_ID", tmp_path) == "nowhere: it is the default"
    assert keys.whereabouts("PARSE_CLIENT_KEY", tmp_path) == f"in {tmp_path}/keys/parse_client_key"


def test_of_many_at_once_one_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        values = pool.map(lambda _: keys.key("PARSE_CLIENT_KEY", tmp_path), range(64))
    assert len(set(values)) == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_empty_file_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/secret_key").touch()
    with pytest.raises(RuntimeError, match="is empty"):
        keys.key("SECRET_KEY", tmp_path)
