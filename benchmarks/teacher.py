"""How fast can a teacher be asked, and does the client hold to its places?

    python benchmarks/teacher.py                  # some three minutes
    python benchmarks/teacher.py --requests 1000  # a look

A server in a process of its own answers each call after a fixed time, and counts. Calls go out of
fresh processes: ours with its account, a budget, the pace and each answer forced to disk, and
beside it a bare loop over the `openai` client with as many workers, which keeps nothing. At 50 ms
the two take turns. Seconds are those of asking, without the start of the interpreter and of the
libraries; memory is the peak of the whole process.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tahdhib.config.recipe import OpenAITeacher  # noqa: E402
from tahdhib.llm.chat import Reply, Request  # noqa: E402
from tests.llm.paid_server import USABLE, PaidServer, paid_server  # noqa: E402

SYSTEM = "أعد صياغة الوثيقة وفق القواعد. " * 40
TEXT = "بنيت المدينة على ضفة النهر وسكنها الناس من كل مكان. " * 40
PLACES = 64


def requests(number: int) -> list[Request]:
    """A system prompt of 2 kB and a document of 4 kB each."""
    return [Request(SYSTEM, f"{at} {TEXT}", "m", 0.0, 1024) for at in range(number)]


def ours(base_url: str, number: int) -> None:
    """By the teacher's own way."""
    from tahdhib.llm.client import complete_all
    from tahdhib.llm.door import chat_door

    def judge(_at: int, reply: Reply) -> str | None:
        return None if reply.text == USABLE else "no_protocol"

    settings = OpenAITeacher(
        base_url=base_url,
        model="m",
        in_flight=PLACES,
        price_per_million_input=2.5,
        price_per_million_output=10.0,
        budget=1e6,
    )
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        outcomes = complete_all(
            requests(number),
            settings=settings,
            cache_folder=Path(folder),
            api_key=None,
            on_reply=lambda _: None,
            door=chat_door(judge),
        )
        tell(started)
        assert all(isinstance(one, Reply) and not one.is_cached for one in outcomes)


def bare(base_url: str, number: int) -> None:
    """By the client alone."""
    from openai import AsyncOpenAI

    async def ask_all() -> None:
        waiting = iter(requests(number))
        async with AsyncOpenAI(api_key="none", base_url=base_url, max_retries=0) as client:

            async def work() -> None:
                for request in waiting:
                    await client.chat.completions.create(**request.payload())

            await asyncio.gather(*(work() for _ in range(PLACES)))

    started = time.perf_counter()
    asyncio.run(ask_all())
    tell(started)


def tell(started: float) -> None:
    """Print what the asking took."""
    seconds = time.perf_counter() - started
    spent, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "cpu": spent, "mb": memory / 1024}))


def run(way: str, latency: float, number: int) -> float:
    """Ask in a fresh process; print a line, and return calls per second."""
    with paid_server(latency=latency) as server:
        before, started = busy(server), time.perf_counter()
        command = [sys.executable, __file__, "--way", way, "--requests", str(number)]
        done = subprocess.run(
            [*command, "--url", server.base_url], stdout=subprocess.PIPE, check=True
        )
        told = json.loads(done.stdout)
        wall = time.perf_counter() - started
        others = (busy(server) - before - told["cpu"]) / wall
        count = server.count()
    rate, ideal = number / told["seconds"], PLACES / latency
    assert count["calls"] == number
    assert count["most_at_once"] <= PLACES
    print(
        f"| {way} | {latency * 1000:.0f} ms | {told['seconds']:.2f} s | {rate:.0f}/s "
        f"| {rate / ideal:.1%} | {count['most_at_once']} | {told['mb']:.0f} MB "
        f"| {told['cpu'] / number * 1000:.2f} ms | {max(0.0, others):.2f} |",
        flush=True,
    )
    return rate


def busy(server: PaidServer) -> float:
    """Seconds of all cores at work so far, without the server's."""
    times, own = psutil.cpu_times(), psutil.Process(server.pid).cpu_times()
    return times.user + times.nice + times.system - own.user - own.system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--way", choices=("ours", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        # loads what each way would load at its first call
        if asked.way == "ours":
            import aiohttp  # noqa: F401
        else:
            import openai

            openai.AsyncOpenAI(api_key="none")
        (ours if asked.way == "ours" else bare)(asked.url, asked.requests)
        return
    print(f"{asked.requests:,} requests, {PLACES} places, {psutil.cpu_count()} cores")
    print("| who | latency | took | rate | of ideal | most at once | peak | CPU a call | others |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    run("ours", 0.2, asked.requests)
    ratios = []
    for at in range(asked.rounds):
        order = ("ours", "bare") if at % 2 == 0 else ("bare", "ours")
        rates = {way: run(way, 0.05, asked.requests) for way in order}
        ratios.append(rates["ours"] / rates["bare"])
    told = ", ".join(f"{one:.2f}" for one in sorted(ratios))
    print(f"\nours by bare at 50 ms: median {median(ratios):.2f} of {told}")
    print("`others`: cores at work for other programs, on average; CPU includes the imports")


if __name__ == "__main__":
    main()
