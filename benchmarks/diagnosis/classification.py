"""Keywords in a million scopes: zhenxing beside polars and jieba with the same class sets, and the rules apart.

Usage: ZHENXING_DATA=… python -m benchmarks.diagnosis.classification [--rows 1000000 --jieba-rows 20000]

Needs polars and jieba (make bench-setup; run with .venv-bench/bin/python) and the real sample of scopes in the folder
ZHENXING_DATA. The rows are drawn from the sample with replacement; in a share of the clauses one character is replaced
by another of the sample, so that at least as many clauses are distinct as in the sample itself (printed). Class sets:
the names of GB/T 4754-2017 cut into keywords, and the keywords of the lighting chain. Every contestant runs in a child
process of its own on one thread; CPU seconds from the texts in memory to the table of (row, class), each pair once;
the
median of five runs in turns (jieba: one); building the automaton counts, compiling (kept on disk) does not. The peak is
the resident memory of the whole child.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "ARROW_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)
SAMPLE = "firms/guangdong_sample_20k.parquet"
CHECKED = 20_000
REPEATS = 5


def class_sets(which: str) -> dict[str, list[str]]:
    """Return class -> keywords in normal characters: the classes of GB/T 4754-2017 or the links of the chain."""
    from zhenxing.diagnosis.chains import load_chain
    from zhenxing.diagnosis.classification.characters import normal
    from zhenxing.rules import industry_names

    if which == "lighting":
        links = load_chain("lighting")[0]
        return {
            link: [normal(word) for word in words.split(";")]
            for link, words in zip(links["link_id"], links["keywords"], strict=True)
        }
    sets: dict[str, list[str]] = {}
    for code, name in (industry_names("2017") or {}).items():
        if len(code) == 4:
            for part in re.split("[、，（）()和及]|以及", name):
                word = re.sub("^其他|制造$|未列明", "", part)
                if len(word) >= 2:
                    sets.setdefault(code, []).append(normal(word))
    return sets


def make_rows(path: Path, rows: int, seed: int = 20261123) -> tuple[float, float]:
    """Write the mutated rows; return the share of distinct clauses in the sample and in the rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from zhenxing.diagnosis.classification.characters import normal
    from zhenxing.diagnosis.classification.scopes import split_clauses

    table = pq.read_table(Path(os.environ["ZHENXING_DATA"]) / SAMPLE, columns=["name", "scope"])
    names = table["name"].to_pylist()
    split = []
    for scope in table["scope"].to_pylist():
        text = normal(scope or "")
        split.append([(text[first:last], text[last : last + 1]) for first, last, _ in split_clauses(text)])
    clauses = [clause for row in split for clause, _ in row if clause]
    own = len(set(clauses)) / len(clauses)
    letters = sorted({letter for clause in clauses for letter in clause})
    draw = random.Random(seed)
    # some of the replaced clauses come out alike
    share = own + 0.06
    total, seen = 0, set()
    writer = None
    for first in range(0, rows, 50_000):
        here = range(first, min(first + 50_000, rows))
        chosen = [draw.randrange(len(split)) for _ in here]
        scopes = []
        for one in chosen:
            parts = []
            for clause, end in split[one]:
                kept = clause
                if clause and draw.random() < share:
                    at = draw.randrange(len(clause))
                    kept = clause[:at] + draw.choice(letters) + clause[at + 1 :]
                if kept:
                    total += 1
                    seen.add(hash(kept))
                parts.append(kept + end)
            scopes.append("".join(parts))
        batch = pa.table({"key": list(here), "name": [names[one] for one in chosen], "scope": scopes})
        writer = writer or pq.ParquetWriter(path, batch.schema)
        writer.write_table(batch)
    assert writer is not None
    writer.close()
    return own, len(seen) / total


def run_ours(path: Path, which: str) -> dict[str, Any]:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from zhenxing.diagnosis.classification.lexicon import lexicon
    from zhenxing.diagnosis.classification.raw import RawHits

    sets = class_sets(which)
    links = pd.DataFrame({"link_id": list(sets), "keywords": [";".join(words) for words in sets.values()]})
    texts = pq.read_table(path, columns=["scope"])["scope"].combine_chunks()
    RawHits(lexicon(links)).hits(texts[:10])
    begin = time.process_time()
    finder = RawHits(lexicon(links))
    rows, classes = finder.hits(texts)
    frame = pa.table({"row": rows, "class": classes})
    seconds = time.process_time() - begin
    ids = list(sets)
    pairs = sorted((row, ids[one]) for row, one in zip(rows.tolist(), classes.tolist(), strict=True) if row < CHECKED)
    return {"seconds": seconds, "pairs": frame.num_rows, "digest": digest(pairs)}


def run_polars(path: Path, which: str) -> dict[str, Any]:
    import polars as pl

    sets = class_sets(which)
    owners = pl.DataFrame(
        [(word, name) for name, words in sets.items() for word in dict.fromkeys(words)],
        schema=["word", "class"],
        orient="row",
    )
    words = owners["word"].unique().to_list()
    frame = pl.read_parquet(path, columns=["scope"])
    begin = time.process_time()
    pairs = (
        frame.lazy()
        .with_row_index("row")
        .select("row", word=pl.col("scope").str.extract_many(words, overlapping=True))
        .explode("word")
        .drop_nulls()
        .join(owners.lazy(), on="word")
        .select("row", "class")
        .unique()
        .collect()
    )
    seconds = time.process_time() - begin
    head = sorted((int(row), name) for row, name in pairs.filter(pl.col("row") < CHECKED).iter_rows())
    return {"seconds": seconds, "pairs": pairs.height, "digest": digest(head)}


def run_jieba(path: Path, which: str, rows: int) -> dict[str, Any]:
    import jieba
    import pyarrow.parquet as pq

    sets = class_sets(which)
    jieba.setLogLevel(60)
    jieba.initialize()
    owners: dict[str, list[str]] = {}
    for name, words in sets.items():
        for word in words:
            owners.setdefault(word, []).append(name)
            jieba.add_word(word)
    texts = pq.read_table(path, columns=["scope"])["scope"].combine_chunks()[:rows].to_pylist()
    begin = time.process_time()
    pairs = {(row, name) for row, text in enumerate(texts) for word in jieba.cut(text) for name in owners.get(word, ())}
    return {"seconds": time.process_time() - begin, "pairs": len(pairs), "rows": len(texts)}


def run_rules(path: Path, which: str) -> dict[str, Any]:
    """Time the whole classification of the lighting chain, from the Parquet file to the Parquet file, in batches."""
    from zhenxing.diagnosis.chains import load_chain
    from zhenxing.diagnosis.classification import classify_register

    links = load_chain(which)[0]
    out = path.with_name("labels.parquet")
    classify_register(path, links, out)
    begin = time.process_time()
    done = classify_register(path, links, out)
    return {"seconds": time.process_time() - begin, "pairs": done.labels, "distinct": done.distinct / done.clauses}


def digest(pairs: list[tuple[int, str]]) -> str:
    import hashlib

    return hashlib.sha256(repr(pairs).encode()).hexdigest()[:16]


def child(task: str, path: Path, which: str, rows: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.diagnosis.classification", "--child", task, "--path", str(path)]
    command += ["--set", which, "--jieba-rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--jieba-rows", type=int, default=20_000)
    parser.add_argument("--child", default="")
    parser.add_argument("--path", default="")
    parser.add_argument("--set", default="gbt4754")
    given = parser.parse_args()
    if given.child:
        tasks = {"ours": run_ours, "polars": run_polars, "rules": run_rules}
        path = Path(given.path)
        if given.child == "jieba":
            answer = run_jieba(path, given.set, given.jieba_rows)
        else:
            answer = tasks[given.child](path, given.set)
        answer["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(answer))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        own, share = make_rows(path, given.rows)
        print(f"{given.rows:,} rows; distinct clauses {share:.1%} (the sample's own {own:.1%})\n")
        print("| keywords | contestant | CPU s | rows per CPU s | peak MiB | pairs | ours is faster by |")
        print("|---|---|---|---|---|---|---|")
        for which in ("gbt4754", "lighting"):
            report(path, which, given.rows, given.jieba_rows)


def report(path: Path, which: str, rows: int, jieba_rows: int) -> None:
    sets = class_sets(which)
    label = f"{which}: {len({word for words in sets.values() for word in words}):,} words, {len(sets):,} classes"
    runs = [(child("ours", path, which, 0), child("polars", path, which, 0)) for _ in range(REPEATS)]
    ours, polars = (
        sorted((run[side] for run in runs), key=lambda one: one["seconds"])[REPEATS // 2] for side in (0, 1)
    )
    jieba = child("jieba", path, which, jieba_rows)
    assert (ours["pairs"], ours["digest"]) == (polars["pairs"], polars["digest"]), "the class sets differ"
    line(label, "zhenxing, raw hits", ours, rows, None)
    line(label, "polars extract_many, explode, join, unique", polars, rows, polars["seconds"] / ours["seconds"])
    each = jieba["seconds"] / jieba["rows"]
    scaled = jieba | {"seconds": each * rows}
    name = f"jieba, scaled up from {jieba_rows:,} rows"
    line(label, name, scaled, rows, each * rows / ours["seconds"])
    if which == "lighting":
        rules = child("rules", path, which, jieba_rows)
        line(label, "zhenxing classify: rules, roles, weights, evidence, file to file", rules, rows, None)


def line(label: str, name: str, result: dict[str, Any], rows: int, ratio: float | None) -> None:
    by = "" if ratio is None else f"{ratio:.1f}"
    seconds, peak, pairs = result["seconds"], result["peak_mib"], result["pairs"]
    print(f"| {label} | {name} | {seconds:.2f} | {rows / seconds:,.0f} | {peak:.0f} | {pairs:,} | {by} |")


if __name__ == "__main__":
    main()
