"""Names as Chinese people bear them, drawn by how common they are; of people who do not exist."""

from itertools import accumulate
from random import Random
from typing import NamedTuple


class Name(NamedTuple):
    family: str
    given: str

    @property
    def text(self) -> str:
        return self.family + self.given


_SURNAMES = (
    (70, "王李张"),
    (50, "刘陈"),
    (30, "杨"),
    (21, "黄赵吴周"),
    (13, "徐孙马朱胡"),
    (11, "郭何高林罗"),
    (9, "郑梁谢宋唐"),
    (7, "许韩冯邓曹彭曾肖田董"),
    (5, "潘袁蔡蒋余于杜叶程魏苏吕丁任卢"),
    (4, "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫"),
    (3, "雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严莫孔向汤"),
)
"""Per thousand, about; the hundred most common. 公安部 2020 年全国姓名报告"""
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "尉迟", "夏侯", "皇甫", "东方", "慕容", "令狐", "司徒", "端木")
_WEIGHTED = [(name, weight) for weight, names in _SURNAMES for name in names] + [(name, 0.3) for name in _COMPOUND]
_FAMILIES = [name for name, _ in _WEIGHTED]
_FAMILY_WEIGHTS = list(accumulate(weight for _, weight in _WEIGHTED))

_GIVEN = {
    ("male", 0): ("建国 志明 德福 永贵 福生 国强 长林 金生 玉山 树林 文忠 兴国 万福 光明 宝财", "国建志德永福文明光忠"),
    ("female", 0): (
        "秀英 桂英 玉兰 桂兰 秀兰 淑珍 凤英 玉珍 兰英 桂花 素芬 春梅 翠花 玉华 淑芬",
        "秀桂玉兰淑珍凤英芬梅",
    ),
    ("male", 1): ("建军 志强 海涛 建华 卫东 国庆 永强 晓东 俊杰 志刚 文斌 立新 海波 少华 红军", "伟强军勇杰涛斌刚波辉"),
    ("female", 1): (
        "丽娟 红梅 海燕 晓燕 春燕 丽萍 建英 小红 雪梅 亚丽 冬梅 慧敏 爱华 丽华 文娟",
        "芳丽敏静艳娟霞燕红玲",
    ),
    ("male", 2): ("浩然 宇轩 子轩 浩宇 子豪 梓豪 俊熙 一鸣 天佑 博文 家豪 思远 明哲 昊天 奕辰", "宇轩浩泽睿辰博铭晨昊"),
    ("female", 2): (
        "子涵 欣怡 梓涵 雨桐 诗涵 可馨 梦瑶 佳怡 思琪 雨欣 若曦 一诺 语桐 欣妍 紫萱",
        "涵怡欣雨妍萱瑶婷琪悦",
    ),
}
"""By sex and generation: whole names, and the characters that others are made of."""
_WHOLE = {key: names.split() for key, (names, _) in _GIVEN.items()}
_CHARACTERS = {key: characters for key, (_, characters) in _GIVEN.items()}
_SECOND = "安平成华林云文晓春海明玉新兴荣庆华清雅宁川山江"
_RARE = ("弢", "珅", "喆", "翀", "𬭎", "䶮")
"""GB 18030 has them, GB 2312 has not; one needs four bytes in UTF-8."""
_GENERATIONS = (1962, 1992)


def name(rng: Random, gender: str, born: int) -> Name:
    """A name of somebody born in that year."""
    family = rng.choices(_FAMILIES, cum_weights=_FAMILY_WEIGHTS)[0]
    key = gender, sum(born >= year for year in _GENERATIONS)
    kind = rng.random()
    if kind < 0.002:
        given = rng.choice(_RARE)
    elif kind < 0.15:
        given = rng.choice(_CHARACTERS[key])
    elif kind < 0.35:
        given = rng.choice(_WHOLE[key])
    else:
        given = rng.choice(_CHARACTERS[key]) + rng.choice(_SECOND)
    return Name(family, given)
