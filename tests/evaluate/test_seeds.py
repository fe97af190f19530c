"""Seed after seed: invented, measured apart, deleted; what was measured is not measured twice."""

import io
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import orjson
import pytest
from evaluate.test_results import measured

from nightporter.errors import EvaluationError, UsageError
from nightporter.evaluate import child, seeds
from nightporter.evaluate.options import Options
from nightporter.evaluate.results import keep
from nightporter.evaluate.seeds import Seed, evaluate_seeds, measure_apart

OPTIONS = Options()
SEEDS = [Seed(1, "regular", replay=True), Seed(1, "noisy")]


class Work:
    """What was invented and measured, with nothing behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, out: Path) -> None:
        self.out, self.invented, self.replayed, self.said = out, [], [], []
        self.together = Barrier(2)
        monkeypatch.setattr(seeds, "invent", self._invent)
        monkeypatch.setattr(seeds, "measure_apart", self._measure)

    def _invent(self, workspace: Path, seed: Seed, options: Options) -> None:
        workspace.mkdir()
        self.invented.append(seed.name)

    def _measure(
        self, workspace: Path, folder: Path, options: Options, facts: dict[str, Any], tell: Any,
        *, replay: bool, jobs: int,
    ) -> Any:  # fmt: skip
        assert workspace.is_dir()
        if jobs > 1:
            self.together.wait(timeout=20)
        tell("rank")
        self.replayed += [facts["profile"]] if replay else []
        keep(folder, measured(), {**facts, "seconds": 1.0, "mb": 1, "problems": []})
        return seeds.kept(folder)

    def run(self, options: Options = OPTIONS, **more: Any) -> list[str]:
        results = evaluate_seeds(SEEDS, options, self.out, self.said.append, **more)
        return [f"{result.facts['profile']}-{result.facts['seed']}" for result in results]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Work:
    return Work(monkeypatch, tmp_path)


def test_each_seed_is_invented_measured_and_deleted(work: Work) -> None:
    assert work.run() == ["regular-1", "noisy-1"] == work.invented
    assert work.replayed == ["regular"]
    assert list((work.out / "workspaces").iterdir()) == []


def test_two_at_once_are_told_in_the_order_of_the_seeds(work: Work) -> None:
    assert work.run(jobs=2) == ["regular-1", "noisy-1"]
    assert sorted(work.invented) == ["noisy-1", "regular-1"]


def test_after_one_that_failed_none_is_begun_though_an_earlier_one_still_runs(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, third = Event(), Event()

    def measure(*words: Any, **more: Any) -> Any:
        if words[3]["profile"] == "noisy":
            first.wait(timeout=20)
            raise EvaluationError("it failed")
        first.set()
        third.wait(timeout=0.5)  # a slow one; the third would end the waiting
        return work._measure(*words, **{**more, "jobs": 1})

    def invent(workspace: Path, seed: Seed, options: Options) -> None:
        work._invent(workspace, seed, options)
        if seed.seed == 2:
            third.set()

    monkeypatch.setattr(seeds, "invent", invent)
    monkeypatch.setattr(seeds, "measure_apart", measure)
    with pytest.raises(EvaluationError, match="it failed"):
        evaluate_seeds([*SEEDS, Seed(2, "regular")], OPTIONS, work.out, work.said.append, jobs=2)
    assert sorted(work.invented) == ["noisy-1", "regular-1"]


def test_a_changed_preset_or_detector_is_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "nightporter"
    monkeypatch.setattr(seeds, "PACKAGE", package)
    monkeypatch.setattr(seeds, "shipped", tmp_path.joinpath)
    texts = ("nightporter/scan.py", "nightporter/presets/x.toml", "detectors/misuse/y.sql")
    marks = set()
    for text in texts:
        (tmp_path / text).parent.mkdir(parents=True, exist_ok=True)
        for word in ("one", "other"):
            (tmp_path / text).write_text(word)
            marks.add(seeds._mark(SEEDS[0], OPTIONS))
    assert len(marks) == 6
    (package / "scan.pyc").write_text("compiled")
    assert seeds._mark(SEEDS[0], OPTIONS) in marks


def test_what_failed_is_said_though_one_before_it_never_began(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks, late = seeds._mark, Event()

    def mark(seed: Seed, options: Options) -> str:
        if seed.profile == "regular":
            late.wait(timeout=5)
        return marks(seed, options)

    def measure(*words: Any, **more: Any) -> Any:
        raise EvaluationError("it failed")

    real = seeds._Clock.begun

    @contextmanager
    def begun(self: Any, name: str) -> Any:
        try:
            with real(self, name) as tell:
                yield tell
        finally:
            late.set()

    monkeypatch.setattr(seeds._Clock, "begun", begun)
    monkeypatch.setattr(seeds, "_mark", mark)
    monkeypatch.setattr(seeds, "measure_apart", measure)
    with pytest.raises(EvaluationError, match="it failed"):
        evaluate_seeds(SEEDS, OPTIONS, work.out, work.said.append, jobs=2)
    assert work.invented == ["noisy-1"]


def test_what_is_measured_for_nobody_ends_by_itself(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "nightporter.toml")  # whoever reads it waits for ever
    asked = '{"threads": 1, "options": {}, "facts": {}, "replay": false}'
    words = [sys.executable, "-m", "nightporter.evaluate.child", tmp_path, tmp_path, asked]
    child = subprocess.Popen(words, stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=30) == 1


def test_an_interrupted_evaluation_goes_on_where_it_was(work: Work) -> None:
    work.run()
    (work.out / "results" / "noisy-1" / "facts.json").unlink()
    work.invented.clear()
    assert work.run() == ["regular-1", "noisy-1"]
    assert work.invented == ["noisy-1"]


def test_other_options_or_other_code_are_measured_anew(
    work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    work.run()
    work.run(Options(people=300))
    assert work.invented == ["regular-1", "noisy-1"] * 2
    monkeypatch.setattr(seeds, "PACKAGE", tmp_path / "other")
    work.run(Options(people=300))
    assert work.invented == ["regular-1", "noisy-1"] * 3


def test_workspaces_can_be_kept(work: Work) -> None:
    work.run(keep=True)
    assert {path.name for path in (work.out / "workspaces").iterdir()} == {"regular-1", "noisy-1"}


def test_progress_says_stage_seed_and_minutes_left(work: Work) -> None:
    work.run()
    assert work.said[1] == "[1 of 2] regular-1, 0 s: rank (the first one tells how long)"
    assert work.said[3] == "[2 of 2] noisy-1, 0 s: rank (about 1 min left)"


def test_an_organisation_is_invented_by_the_command_that_anybody_can_type(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed: list[list[str]] = []
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda words, **_: typed.append(words) or done)
    seeds.invent(tmp_path, Seed(3, "noisy"), Options(people=150, days=130, insiders=4))
    words = ["--people", "150", "--days", "130", "--seed", "3", "--profile", "noisy"]
    assert typed[0][1:] == [
        "-m",
        "nightporter",
        "simulate",
        str(tmp_path),
        *words,
        "--insiders",
        "4",
    ]


def test_a_workspace_that_cannot_be_measured_says_why(tmp_path: Path) -> None:
    (tmp_path / "nightporter.toml").write_text("")
    with pytest.raises(UsageError, match="no truth to compare with"):
        measure_apart(tmp_path, tmp_path / "results", Options(), {}, print)


def test_an_organisation_that_cannot_be_invented_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failed = subprocess.CompletedProcess([], 2, stderr="too few people")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(EvaluationError, match="regular-1 was not invented: too few people"):
        seeds.invent(tmp_path, SEEDS[0], Options())


def test_a_child_keeps_frames_facts_and_the_memory_it_took(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "nightporter.toml").write_text("")
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)
    monkeypatch.setattr(child, "_bound", lambda threads: None)  # it lasts as long as the process
    monkeypatch.setattr(child, "measure", lambda _, options, step: step("rank", measured))
    asked = {"options": Options().plain(), "facts": {"seed": 7}, "replay": False, "threads": 1}
    assert child.main([str(tmp_path), str(tmp_path / "out"), orjson.dumps(asked).decode()]) == 0
    assert said.getvalue() == '{"stage":"rank"}\n'
    result = seeds.kept(tmp_path / "out")
    assert result is not None
    assert (result.facts["seed"], result.facts["deeds"]) == (7, 4)
    assert result.facts["mb"] > 10


def test_what_a_library_prints_in_a_crash_is_the_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    word = "terminate called after throwing"
    script = f"print('{{\"stage\": \"rank\"}}'); print('{word}'); raise SystemExit(134)"
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _, **more: start([sys.executable, "-c", script], **more)
    )
    with pytest.raises(EvaluationError, match=word):
        measure_apart(tmp_path, tmp_path / "out", OPTIONS, {}, print)
