"""Frames come out of a stream whole, however it is cut and whatever lies between them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7v2.framing import KEPT, Defect, Frame, Frames, framed

LIMIT = 1000
content = st.binary(max_size=50).map(lambda raw: raw.translate(None, b"\x0b\x1c"))
noise = st.binary(max_size=5).map(lambda raw: raw.translate(bytes(b"\x00\r\n"[byte % 3] for byte in range(256))))


def fed(data: bytes, *, limit: int = LIMIT, cuts: list[int] | None = None) -> list[Frame]:
    frames = Frames(limit)
    bounds = [0, *sorted(cuts or []), len(data)]
    pieces = [data[start:end] for start, end in pairwise(bounds)]
    return [frame for piece in pieces for frame in frames.feed(piece)] + frames.rest()


@given(st.lists(st.tuples(noise, content, st.sampled_from([b"\x1c\r", b"\x1c"]))), st.data())
def test_frames_survive_noise_missing_trailers_and_any_cut(parts, data):
    stream = b"".join(before + b"\x0b" + inside + end for before, inside, end in parts)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    assert fed(stream, cuts=cuts) == [Frame(inside) for _, inside, _ in parts]


@given(st.binary(max_size=300), st.data())
def test_no_byte_is_lost_but_noise(stream, data):
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    kept = b"".join(frame.content for frame in fed(stream, cuts=cuts))
    assert kept.translate(None, b"\x00\r\n") == stream.translate(None, b"\x00\r\n\x0b\x1c")


@given(st.binary(max_size=300), st.data())
def test_the_cut_makes_no_difference(stream, data):
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    assert fed(stream, cuts=cuts) == fed(stream)


def test_every_single_cut_of_two_glued_frames():
    stream = framed(b"one") + framed(b"two")
    for cut in range(len(stream) + 1):
        assert fed(stream, cuts=[cut]) == [Frame(b"one"), Frame(b"two")]


def test_an_empty_frame_is_a_frame():
    assert fed(framed(b"")) == [Frame(b"")]


def test_what_is_not_framed_is_told_apart():
    assert fed(b"GET / HTTP/1.1\r\n\r\n") == [Frame(b"GET / HTTP/1.1\r\n\r\n", Defect.UNFRAMED)]
    assert fed(b"stray" + framed(b"one")) == [Frame(b"stray", Defect.UNFRAMED), Frame(b"one")]
    assert fed(b"MSH|\r\x1c\r") == [Frame(b"MSH|\r", Defect.UNFRAMED)]
    assert fed(b"\x0bfirst\x0bsecond\x1c\r") == [Frame(b"first", Defect.UNFINISHED), Frame(b"second")]
    assert fed(b"\x0bhalf") == [Frame(b"half", Defect.UNFINISHED)]


def test_what_is_too_large_is_kept_in_part_and_the_next_frame_is_whole():
    frames = fed(framed(b"x" * (KEPT + LIMIT)) + framed(b"next"), cuts=[7, 5000])
    assert frames == [Frame(b"x" * KEPT, Defect.OVERSIZE), Frame(b"next")]


def test_the_limit_itself_is_not_too_large():
    assert fed(framed(b"x" * LIMIT)) == [Frame(b"x" * LIMIT)]
    assert fed(framed(b"x" * (LIMIT + 1)), cuts=[3]) == [Frame(b"x" * (LIMIT + 1), Defect.OVERSIZE)]


def test_a_flood_of_start_blocks_costs_no_more_than_its_length():
    assert fed(b"\x0b" * 200_000 + b"end\x1c\r") == [Frame(b"end")]
