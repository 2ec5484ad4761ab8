"""The demo is the first thing that anybody runs: it works, says what it did, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.end_to_end.house import photo, wait_for
from tests.end_to_end.test_processes import children, is_gone, role_of

ROOT = Path(__file__).parents[1]
HEADER = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,"
    "Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Price,Image Src,Image Position,Image Alt Text,"
    "Gift Card,SEO Title,Status"
)
CDN = "https://cdn.shopify.com/s/files/1/0001/products"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ROWS = f"""\
brass-lamp,Brass lamp,"<p>Turned by <b>hand</b>, ""warm"" light.</p>
<ul><li>40 cm</li></ul>",Lindholm,Home > Lighting > Lamps,Lamps,"a,b",true,Colour,Brass,Plug,EU,BL-1,900,89.00,\
{CDN}/lamp-front_grande.jpg?v=1612,1,The lamp,false,,active
brass-lamp,,,,,,,,,Brass,,UK,BL-2,900,89.00,{CDN}/lamp-side_{UUID}_2048x2048.jpg?v=1613,2,,,,
brass-lamp,,,,,,,,,Black,,EU,BL-3,900,95.00,,,,,,
tea-bowl,Tea bowl,<p>Stoneware.</p>,Lindholm,,Kitchen,,true,Title,Default Title,,,TB-1,300,24.00,\
{CDN}/bowl.jpg?v=1614,1,,false,,active
draft-vase,Draft vase,<p>Not yet.</p>,Lindholm,,Home,,false,Title,Default Title,,,DV-1,300,24.00,\
{CDN}/vase.jpg?v=1615,1,,false,,draft
lost-photo,Lost photo,<p>No file.</p>,Lindholm,,Home,,true,Title,Default Title,,,LP-1,300,24.00,\
{CDN}/nowhere.jpg?v=1616,1,,false,,active
"""


@pytest.fixture
def demo(tmp_path):
    """Start `demo` in a folder of its own; whatever happens, it and its children end with the test."""
    begun = []

    def demo(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "shopify_imagegen", "demo", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "IMAGEGEN__IMAGES__PER_PRODUCT": "nonsense of the merchant's"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        process.said = []
        process.ear = threading.Thread(target=lambda: process.said.extend(iter(process.stdout.readline, "")))
        process.ear.start()
        begun.append(process)
        return process

    yield demo
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.ear.join()
        process.stdout.close()


def ended(process, limit_s=90):
    """What it said, when it has ended."""
    process.wait(timeout=limit_s)
    process.ear.join()
    return "".join(process.said)


def test_the_demo_tells_the_main_job_and_stays_until_ctrl_c(demo):
    """`make demo`, while another program has the usual port: product in, pictures on the listing, nothing left."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        process = demo("--port", str(other.getsockname()[1]))
        wait_for(lambda: "Ctrl-C ends the demo" in "".join(process.said), 90, lambda: "".join(process.said))
    below = children(process.pid)

    process.send_signal(signal.SIGINT)
    said = ended(process, 30)

    assert 0 == process.returncode, said
    assert "is taken; the sandbox uses another one" in said
    assert 2 == said.count("A lifestyle photo is on it")
    assert "2 pictures, $0.12 (sandbox money)" in said
    assert "Verified" in said
    assert "Traceback" not in said
    wait_for(lambda: all(map(is_gone, below)), 15, "orphans are gone")


def test_the_demo_takes_a_merchants_own_catalogue(demo, tmp_path):
    """A Shopify export as it is, and a folder of photos, by paths relative to where one stands."""
    (tmp_path / "photos" / "lamps").mkdir(parents=True)
    (tmp_path / "photos" / "lamps" / "lamp-front.jpg").write_bytes(photo(1))
    (tmp_path / "photos" / "lamps" / "LAMP-SIDE.JPG").write_bytes(photo(2))
    (tmp_path / "photos" / "bowl.jpg").write_bytes(photo(3))
    (tmp_path / "photos" / "vase.jpg").write_bytes(photo(4))
    (tmp_path / "products.csv").write_text(f"{HEADER}\n{ROWS}", encoding="utf-8-sig")

    process = demo("--once", "--port", "0", "--catalogue", "products.csv", "--images", "photos")
    said = ended(process)

    assert 0 == process.returncode, said
    assert re.search(r"The catalogue is imported +4 products", said)
    assert "no file for https://cdn.shopify.com/s/files/1/0001/products/nowhere.jpg" in said
    assert re.search(r"Left alone +2 products", said)
    assert re.search(r"Products with new pictures +2\n", said)
    assert "Bought                        4 pictures" in said


def test_a_catalogue_that_is_none_is_said_to_be_none(demo, tmp_path):
    """Exit code 1 and a sentence."""
    (tmp_path / "products.csv").write_text("Name,Price\nLamp,12\n")

    process = demo("--once", "--port", "0", "--catalogue", "products.csv", "--images", ".")
    said = ended(process)

    assert 1 == process.returncode
    assert "is this a Shopify product export?" in said
    assert "Traceback" not in said


def test_ctrl_c_before_the_end_is_no_success(demo):
    """No traceback, no process left behind, and not exit code 0: nothing was shown yet."""
    process = demo("--once", "--port", "0")
    wait_for(lambda: "Sandbox store" in "".join(process.said), 60, lambda: "".join(process.said))
    below = children(process.pid)

    process.send_signal(signal.SIGINT)
    said = ended(process, 30)

    assert "Traceback" not in said
    assert 130 == process.returncode
    wait_for(lambda: all(map(is_gone, below)), 15, "orphans are gone")


def test_a_killed_demo_leaves_no_app_behind(demo):
    """kill -9, or a closed terminal."""
    process = demo("--port", "0")
    app = wait_for(lambda: [each for each in children(process.pid) if role_of(each) == "serve"], 60, "the app")

    process.kill()

    wait_for(lambda: all(map(is_gone, app)), 30, "orphans are gone")
