"""Which characters never begin a line, and which never end one (JIS X 4051, with the Latin ones beside them)."""

from __future__ import annotations

NEVER_FIRST = frozenset(
    "、。，．・：；？！‼⁇⁈⁉゛゜ヽヾゝゞ々〻ー‐–—―─〜～…‥’”）〕］｝〉》」』】〙〗〟｠»"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
    "｡｣､･ｰﾞﾟｧｨｩｪｫｬｭｮｯ,.:;?!)]}%‰℃％"
)
NEVER_LAST = frozenset("‘“（〔［｛〈《「『【〘〖〝｟«([{¥$£€＄￥￡＃#№｢")
