"""The table of threads: an epoch's time with each number of them, and how much faster that is."""

import json

import pandas as pd
from conftest import ROOT, describe
from rule_scripts import job
from shared.frameworks import read_frameworks, read_paper
from shared.script import read_json
from threads import figure, table


def write(folder, framework, compute_threads, epochs):
    path = folder / str(compute_threads) / framework / "brief" / "relu-1x1024" / "1" / "train.json"
    path.parent.mkdir(parents=True)
    spans = {"built": 9.0, **{f"epoch {i + 1}": seconds for i, seconds in enumerate(epochs)}}
    path.write_text(
        json.dumps({"spans": spans, "compute_threads": compute_threads, "threads_used": 1.0})
    )
    return path


def test_speed_up_is_the_time_with_one_thread_over_that_with_more(tmp_path):
    """The first epoch does not count."""
    paths = [
        write(tmp_path, "torch7", 2, [5.0, 1.5, 2.5]),
        write(tmp_path, "torch7", 1, [9.0, 3.0, 5.0]),
        write(tmp_path, "caffe", 1, [9.0, 3.0, 3.0]),
        write(tmp_path, "caffe", 2, [9.0, 6.0, 6.0]),
    ]
    compared = table.compare([table.row(path, read_json(path)) for path in paths])
    found = compared.set_index(["framework", "compute_threads"])["speed_up"].to_dict()
    assert found == {("torch7", 1): 1.0, ("torch7", 2): 2.0, ("caffe", 1): 1.0, ("caffe", 2): 0.5}
    assert compared["epoch_seconds"].tolist() == [3.0, 6.0, 4.0, 2.0]


def test_the_table_is_drawn_without_the_frameworks_that_were_left_out(tmp_path):
    paths = [write(tmp_path, "torch7", n, [5.0, 4.0 / n]) for n in (1, 2)]
    paths.append(write(tmp_path, "caffe", 1, [9.0, 3.0]))
    paths[2].write_text('{"role": "train", "left_out": "refused: it cannot"}')
    written = tmp_path / "threads.csv"
    told = {"input": {"metrics": paths}, "params": {"one_processor": False}}
    table.main(job(output=[written], **told))
    rows = pd.read_csv(written)
    assert rows["framework"].tolist() == ["torch7", "torch7"]
    assert rows["speed_up"].tolist() == [1.0, 2.0]
    inputs = {"table": written, "lines": ROOT / "reference" / "lines-of-code.csv"}
    inputs["frameworks"] = [describe(tmp_path / "d", name) for name in ("torch7", "caffe")]
    output = {"svg": tmp_path / "threads.svg", "png": tmp_path / "threads.png"}
    params = {"network": "relu-1x1024", "mode": "default"}
    figure.main(job(input=inputs, output=output, params=params))
    assert all(path.stat().st_size > 1000 for path in output.values())


def test_a_speed_up_stands_at_its_mark_and_an_idle_core_is_named(tmp_path):
    rows = [
        ("torch7", 1, 0.74, 1.0), ("torch7", 2, 1.9, 2.3),
        ("caffe", 1, 0.98, 1.0), ("caffe", 2, 1.9, 0.5),
    ]  # fmt: skip
    paths = [describe(tmp_path, name, label=name.title()) for name in ("torch7", "caffe")]
    frameworks = read_frameworks(paths, read_paper(ROOT / "reference" / "lines-of-code.csv"))
    drawn = figure.draw(pd.DataFrame(rows, columns=figure.COLUMNS), frameworks, "relu-1x512")
    found = {text.get_text(): (text.xy[0], text.get_ha()) for text in drawn.axes[0].texts}
    assert found == {"2.30": (2.3, "left"), "0.50": (0.5, "right")}
    assert "With 2 threads, training is 0.50 (Caffe) to 2.30 (Torch7) times as fast" in [
        text.get_text() for text in drawn.texts
    ]
    assert drawn.texts[-1].get_text().endswith("Idle at times with one thread: Torch7 (74 % busy).")
