"""The example programs run in their short form, save a picture, and get somewhere."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
CASES = {
    # example: (least, most) of the figure that main returns
    "fluid": (0.0, 0.5),                # part of the first distance that is left
    "gaussian_process": (0.35, 1.0),     # part of the held-out variance that is explained
    "hmc": (0.9, 1.0),                  # held-out accuracy
    "lstm": (0.0, 2.9),                 # nats a letter; guessing costs 3.8
    "ode_fit": (0.5, 1.1),              # mean square of residuals over that of the noise
    "vae": (0.0, 28.0),                 # negative evidence lower bound, nats
}


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_listed():
    assert {p.stem for p in EXAMPLES.glob("*.py")} == {*CASES, "digits"}    # make demo runs digits


@pytest.mark.parametrize("name", CASES)
def test_example(name, tmp_path, capsys):
    least, most = CASES[name]
    picture = tmp_path / "picture.png"
    assert least <= load(name).main(["--short", "--out", str(picture)]) <= most
    assert picture.stat().st_size > 10_000
    assert str(picture) in capsys.readouterr().out
