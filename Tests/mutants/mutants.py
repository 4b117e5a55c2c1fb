"""Breaks each rule of the service once, and sees a test go red for it; `make mutants` calls it.

    mutants.py              all mutants of the tables beside this file
    mutants.py NAME ...     only these; a name is `lua/…` or `swift/…`

A mutant that no test sees is a rule that nobody guards. The tables say which text of which file
is broken, and which tests must see it. This program works in a copy of the tree, .build-mutants,
with a build directory of its own, so it touches no source and no build of yours. There every
mutant in Swift is compiled in behind a switch, and the scripts in Lua are exchanged as they are
read: so one build serves all mutants, and each is only a run of its tests with an environment
variable. First all these tests must pass without any mutant. It prints a table, lists the
survivors, and ends with 1 when there is one, or when a text is not found or found twice.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build-mutants"
# All that the build and the tests read.
COPIED = ["Package.swift", "Package.resolved", "Sources", "Tests", "config", "deploy"]
BUILD_FLAGS = ["--explicit-target-dependency-import-check", "error", "--build-tests"]
# Seconds for the tests of one mutant, many times what they take. A mutant that makes them hang is
# seen, but by a test's own limit it would take a quarter of an hour.
TEST_LIMIT = 240

# What a program prints is UTF-8, whatever the locale says.
OUTPUT = {
    "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8",
    "errors": "replace",
}

# What the copy has besides the mutants: scripts are read through `mutated`, and a service that
# tests start is broken as they are.
HOOKS = [
    ("Sources/RedisStore/ScriptAssembly.swift",
     "String(decoding: $0.value, as: UTF8.self)",
     "mutated($0.value)"),
    ("Sources/RedisStore/ScriptAssembly.swift",
     "String(decoding: file, as: UTF8.self)",
     "mutated(file)"),
    ("Tests/Support/ServiceProcess.swift",
     'let inherited = ["PATH": "/usr/bin:/bin", "HOME": directory.path]',
     'let inherited = ["PATH": "/usr/bin:/bin", "HOME": directory.path].merging('
     'ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("MUTANT") }) { a, _ in a }'),
]

SWITCH = """\
import Foundation

private let activeMutant = ProcessInfo.processInfo.environment["MUTANT"]

func isMutant(_ name: String) -> Bool { activeMutant == name }
"""

SCRIPTS = """
private let brokenScript = ["MUTANT_SCRIPT", "MUTANT_INSTEAD"].map { name in
  ProcessInfo.processInfo.environment[name].flatMap { FileManager.default.contents(atPath: $0) }
}

func mutated(_ file: [UInt8]) -> String {
  guard let whole = brokenScript[0], let broken = brokenScript[1], Array(whole) == file else {
    return String(decoding: file, as: UTF8.self)
  }
  return String(decoding: broken, as: UTF8.self)
}
"""


class Fault(Exception):
    """Why nothing can be said about the mutants."""


class Mutant:
    """An entry of a table."""

    def __init__(self, language, name, entry):
        self.language = language
        self.name = f"{language}/{name}"
        self.file = entry["file"]
        self.find = entry["find"].strip("\n")
        self.instead = entry["instead"].strip("\n")
        self.tests = entry["tests"]
        self.is_statement = entry.get("is") == "statement"

    def span(self):
        """Where in its file the text stands that it breaks."""
        return span_of(self.find, read(ROOT / self.file), f"{self.name}: {self.file}")

    def switched(self, original):
        """The original or the mutant, as the switch says."""
        if self.is_statement:
            return f'if isMutant("{self.name}") {{ {self.instead} }} else {{ {original} }}'
        return f'(isMutant("{self.name}") ? ({self.instead}) : ({original}))'


def read(path):
    return path.read_text(encoding="utf-8")


def span_of(text, whole, place):
    count = whole.count(text)
    if count != 1:
        raise Fault(f"{place} has this {count} times, not once:\n{text}")
    start = whole.index(text)
    return start, start + len(text)


def mutants():
    found = []
    for language in ["lua", "swift"]:
        path = pathlib.Path(__file__).with_name(f"{language}.toml")
        for name, entry in tomllib.loads(read(path)).items():
            found.append(Mutant(language, name, entry))
    return found


def broken_files(everything):
    """The sources of the copy that are not the tree's: each mutant in Swift behind a switch."""
    files = {}
    for path, find, instead in HOOKS:
        text = files.get(path) or read(ROOT / path)
        start, end = span_of(find, text, f"the hook of {path}")
        files[path] = text[:start] + instead + text[end:]
    targets = {"Sources/RedisStore"}
    by_file = {}
    for mutant in everything:
        if mutant.language == "swift":
            by_file.setdefault(mutant.file, {}).setdefault(mutant.span(), []).append(mutant)
            targets.add("/".join(mutant.file.split("/")[:2]))
        else:
            mutant.span()
    for path, spans in by_file.items():
        if path in files:
            raise Fault(f"{path} has a hook; it can have no mutant")
        files[path] = switched(read(ROOT / path), spans, path)
    for target in targets:
        files[f"{target}/Mutants.swift"] = SWITCH
    files["Sources/RedisStore/Mutants.swift"] += SCRIPTS
    return files


def switched(text, spans, path):
    end_of_last = len(text)
    for (start, end), mutants_here in sorted(spans.items(), reverse=True):
        if end > end_of_last:
            raise Fault(f"{path}: {mutants_here[0].name} overlaps another mutant")
        part = text[start:end]
        for mutant in mutants_here:
            part = mutant.switched(part)
        text = text[:start] + part + text[end:]
        end_of_last = start
    return text


def make_copy(changed):
    """Brings the copy up to the tree. What is the same keeps its time, so it is not built again."""
    wanted = {}
    for name in COPIED:
        path = ROOT / name
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        for file in files:
            if "__pycache__" not in file.parts:
                wanted[str(file.relative_to(ROOT))] = file
    for name in set(wanted) | set(changed):
        content = changed[name].encode() if name in changed else wanted[name].read_bytes()
        target = COPY / name
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if name in wanted:
            shutil.copymode(wanted[name], target)
    for directory in ["Sources", "Tests", "config", "deploy"]:
        for file in (COPY / directory).rglob("*"):
            name = str(file.relative_to(COPY))
            if file.is_file() and name not in wanted and name not in changed:
                file.unlink()


def build():
    print("Building the copy with its mutants …", flush=True)
    command = ["swift", "build", "--package-path", str(COPY), *BUILD_FLAGS]
    result = subprocess.run(command, **OUTPUT)
    if result.returncode != 0:
        errors = [line for line in result.stdout.splitlines() if re.match(r"(\S+: )?error:", line)]
        raise Fault("\n".join(["the copy cannot be built:", *list(dict.fromkeys(errors))[:10]]))
    show = ["swift", "build", "--package-path", str(COPY), "--show-bin-path"]
    path = subprocess.run(show, check=True, stdout=subprocess.PIPE).stdout.decode().strip()
    return pathlib.Path(path) / "playmeterPackageTests.xctest"


def run_tests(program, tests, environment):
    """Runs tests; returns whether they failed, and which did or what else became of them."""
    command = [str(program), "--testing-library", "swift-testing", "--filter", tests]
    try:
        result = subprocess.run(
            command, cwd=COPY, env=os.environ | environment, timeout=TEST_LIMIT, **OUTPUT
        )
    except subprocess.TimeoutExpired:
        return False, f"no end within {TEST_LIMIT} s"
    output = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)  # Where there is a terminal, in colours.
    failed = re.findall(r'✘ Test (?!case|run)"?(.+?)"?(?: recorded| failed| with \d+)', output)
    if failed:
        return True, failed[0]
    if result.returncode < 0:
        return True, f"the tests crashed with signal {-result.returncode}"
    if not re.search(r"Test run with [1-9]\d* test.* passed", output):
        return False, f"no test matches {tests}"
    return False, "survived"


def environment_of(mutant):
    if mutant.language == "swift":
        return {"MUTANT": mutant.name}
    text = read(COPY / mutant.file)
    start, end = span_of(mutant.find, text, mutant.name)
    broken = COPY / ".build" / "mutant.lua"
    broken.write_text(text[:start] + mutant.instead + text[end:], encoding="utf-8")
    return {"MUTANT_SCRIPT": str(COPY / mutant.file), "MUTANT_INSTEAD": str(broken)}


def check(program, chosen):
    """Runs the chosen mutants, tells of each, and returns those that nobody saw."""
    everything = "|".join(dict.fromkeys(f"(?:{mutant.tests})" for mutant in chosen))
    has_failed, what = run_tests(program, everything, {})
    if has_failed or what != "survived":
        raise Fault(f"without any mutant: {what}")
    survivors = []
    width = max(len(mutant.name) for mutant in chosen)
    for mutant in chosen:
        started = time.monotonic()
        is_seen, what = run_tests(program, mutant.tests, environment_of(mutant))
        seconds = time.monotonic() - started
        mark = "seen by" if is_seen else "NOT SEEN"
        print(f"{mutant.name:{width}}  {mark:8}  {seconds:5.1f} s  {what}", flush=True)
        if not is_seen:
            survivors.append(mutant)
    return survivors


def main(names):
    started = time.monotonic()
    everything = mutants()
    chosen = [mutant for mutant in everything if not names or mutant.name in names]
    if unknown := set(names) - {mutant.name for mutant in everything}:
        raise Fault(f"no such mutant: {', '.join(sorted(unknown))}")
    make_copy(broken_files(everything))
    survivors = check(build(), chosen)
    minutes = (time.monotonic() - started) / 60
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants were seen, {minutes:.1f} min.")
    for mutant in survivors:
        print(f"Survived: {mutant.name} in {mutant.file}: {mutant.tests}", file=sys.stderr)
    return 1 if survivors else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Fault as fault:
        sys.exit(f"mutants: {fault}")
