"""Remakes simplified.tsv and readings.tsv: `python -m gateway.search.han.compile OPENCC PYPINYIN`.

The arguments are the folders of the installed packages opencc (opencc-python-reimplemented) and pypinyin. README.md
names the sources of what is read here and their licences.
"""

import csv
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from profiles.json import loads

HERE = Path(__file__).parent
KEPT = frozenset("乾剋吒夥彷徵於昇氾爇甦甯瞭祇祕脩苧蒐薳薹藉覆釐阪陞麽")
"""What OpenCC simplifies although the standard table of 2013 has it as a character of its own, often for names."""
TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
DIAERESIS, CIRCUMFLEX = "\u0308", "\u0302"
BEYOND = dict(zip("\ue816\ue817\ue818\ue831\ue83b\ue855", "𠂇𠂉𠃌𡗗𢦏𤇾", strict=True))
"""GBK's characters that came to Unicode only with its Extension B: GB 18030-2022, appendix D."""
LATE = dict(zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "龴龵龶龷龸龹龺龻", strict=True))
"""Those that came with Unicode 4.1. Python's codec speaks GB 18030-2000, which had not yet heard of either."""


# Written alike


def entries(opencc: Path, name: str) -> Iterator[tuple[str, list[str]]]:
    for line in (opencc / "dictionary" / f"{name}.txt").read_text("utf-8-sig").splitlines():
        source, targets = line.split("\t")
        yield source, targets.split()


def in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def regional(opencc: Path, plain: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Forms of Hong Kong, Taiwan and Japan, except those that are another character in simplified Chinese (芸, 浜)."""
    taken = plain.keys() | set(plain.values())
    for name in ("HKVariants", "TWVariants", "JPVariants"):
        for traditional, forms in entries(opencc, name):
            yield from ((form, traditional) for form in forms if form not in taken and not in_gb2312(form))


def private() -> Iterator[tuple[str, str]]:
    """Where old GBK systems put characters that Unicode did not have yet (䶮 of names): U+E815 is FE50, and so on."""
    trail = [byte for byte in range(0x50, 0xA1) if byte != 0x7F]
    for at, byte in enumerate(trail):
        old = chr(0xE815 + at)
        yield old, BEYOND.get(old) or LATE.get(old) or bytes((0xFE, byte)).decode("gb18030")


def written_alike(opencc: Path) -> dict[str, str]:
    """Every form but the simplified one → the simplified one; nothing that is looked up again changes again."""
    plain = {source: targets[0] for source, targets in entries(opencc, "TSCharacters") if source not in KEPT}
    own = {row["variant"]: row["standard"] for row in rows("variants")}
    table = dict(regional(opencc, plain)) | plain | dict(private()) | own
    return {source: end for source in table if (end := last(table, source)) != source}


def last(table: dict[str, str], character: str) -> str:
    seen = {character}
    while (following := table.get(character, character)) not in seen:
        seen.add(following)
        character = following
    return unicodedata.normalize("NFKC", character)


# Read


def syllable(marked: str) -> str:
    """zhāng → zhang1, lǘ → lv2, de → de5."""
    parts = unicodedata.normalize("NFD", marked).replace(f"u{DIAERESIS}", "v").replace(CIRCUMFLEX, "")
    tone = next((TONES[part] for part in parts if part in TONES), "5")
    return "".join(part for part in parts if part not in TONES) + tone


def spoken(pypinyin: Path) -> dict[str, list[str]]:
    """All readings of each character, the most usual first; u with diaeresis and a tone is one letter in NFC."""
    found = loads((pypinyin / "pinyin_dict.json").read_bytes())
    return {
        chr(int(point)): [syllable(unicodedata.normalize("NFC", one)) for one in readings.split(",")]
        for point, readings in found.items()
    }


def refuse_unknown_readings(readings: dict[str, list[str]]) -> None:
    for row in rows("names"):
        for reading in row["readings"].split("/"):
            for character, one in zip(row["text"], reading.split(" "), strict=True):
                if one not in readings[character]:
                    raise SystemExit(f"names.csv: {row['text']}: {character} is not read {one}: {readings[character]}")


# The files


def rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(name: str, pairs: dict[str, str]) -> None:
    """One line for each value: the value, a tab, the characters that have it."""
    by_value: dict[str, list[str]] = defaultdict(list)
    for character, value in pairs.items():
        by_value[value].append(character)
    lines = (f"{value}\t{''.join(sorted(characters))}\n" for value, characters in sorted(by_value.items()))
    (HERE / f"{name}.tsv").write_text("".join(lines), encoding="utf-8")


def main(opencc: Path, pypinyin: Path) -> None:
    simplified = written_alike(opencc)
    readings = spoken(pypinyin)
    refuse_unknown_readings(readings)
    write("simplified", simplified)
    first = {character: every[0] for character, every in readings.items() if character not in simplified}
    write("readings", {one: way for one, way in first.items() if unicodedata.is_normalized("NFKC", one)})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
