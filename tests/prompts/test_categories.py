from collections import Counter

import pytest

from shopify_imagegen.prompts.categories import recognise
from shopify_imagegen.prompts.library import load

from .examples import product

LIBRARY = load()

TITLES = {
    "Oak side table": "furniture",
    "Coffee table": "furniture",
    "Beistelltisch aus Eiche": "furniture",
    "Bücherregale": "furniture",
    "Table basse en chêne": "furniture",
    "Sillón de terciopelo": "furniture",
    "オーク材のサイドテーブル": "furniture",
    "实木餐桌": "furniture",
    "Enamel kettle": "kitchen",
    "Kaffeetasse": "kitchen",
    "Coltello da cucina": "kitchen",
    "日本製の皿": "kitchen",
    "Chef's knife": "kitchen",
    "Ceramic table lamp": "home",
    "Duftkerze Lavendel": "home",
    "Bougie parfumée": "home",
    "キャンドル": "home",
    "Linen shirt": "apparel",
    "Leinenhemd": "apparel",
    "Chemise en lin": "apparel",
    "亚麻衬衫": "apparel",
    "리넨 셔츠": "apparel",
    "Trail running shoe": "shoes",
    "Laufschuhe": "shoes",
    "Zapatillas de correr": "shoes",
    "スニーカー": "shoes",
    "Leather tote bag": "bags",
    "Sac à dos en toile": "bags",
    "Silver ring": "jewellery",
    "Boucles d'oreilles": "jewellery",
    "银戒指": "jewellery",
    "Face serum": "cosmetics",
    "Crème visage": "cosmetics",
    "石鹸": "cosmetics",
    "Coffee bag 250 g": "food-and-drink",
    "Kräutertee Bio": "food-and-drink",
    "Olio d'oliva": "food-and-drink",
    "Wireless headphones": "electronics",
    "Handyhülle": "electronics",
    "ノートパソコン": "electronics",
    "Yoga mat": "sports",
    "Casque de vélo": "sports",
    "Wooden toy train": "toys",
    "Muñeca de trapo": "toys",
    "Terracotta planter": "garden",
    "Gießkanne": "garden",
    "Notebook + pen": "stationery",
    "Stylo plume": "stationery",
    "Dog bed": "pets",
    "Hundeleine": "pets",
    "The thing": "generic",
    "Whatever this is": "generic",
}


@pytest.mark.parametrize(("title", "category"), TITLES.items(), ids=TITLES)
def test_title_gives_the_category_away(title, category):
    """Most imported products have no taxonomy; a table in a bathroom is money lost."""
    assert category == recognise(product(title=title, category="", product_type="", tags=()), LIBRARY)


def test_taxonomy_wins_over_words():
    """The merchant chose it in Shopify's own list."""
    mug = product(title="Table mug", product_type="Table", category="Home & Garden > Kitchen & Dining > Mugs")

    assert "kitchen" == recognise(mug, LIBRARY)


def test_the_closest_taxonomy_wins():
    """Planters are decor in Shopify's taxonomy, but stand in gardens."""
    planter = product(category="Home & Garden > Decor > Pots & Planters")

    assert "garden" == recognise(planter, LIBRARY)


def test_taxonomy_is_compared_by_whole_steps():
    """A category called Media must not swallow Media Storage."""
    assert "generic" == recognise(product(category="Media Storage", product_type="", title="X", tags=()), LIBRARY)


def test_type_wins_over_title_and_tags_come_last():
    """A type is chosen, a title is written, tags are collected."""
    by_type = product(category="", product_type="Mugs", title="Shirt", tags=("ring",))
    by_tag = product(category="", product_type="", title="Blue", tags=("eco", "ring"))

    assert ("kitchen", "jewellery") == (recognise(by_type, LIBRARY), recognise(by_tag, LIBRARY))


def test_no_word_belongs_to_two_categories():
    """The winner would be an accident of the alphabet."""
    pairs = {(keyword.word, keyword.category) for keyword in LIBRARY.keywords}
    shared = [word for word, times in Counter(word for word, _ in pairs).items() if times > 1]

    assert [] == shared


def test_no_keyword_is_a_little_word():
    """French "thé" without its accent is in every English title."""
    little = {"the", "te", "de", "la", "le", "an", "in", "and", "is", "on", "lit", "mobile", "for", "of", "und", "con"}

    assert set() == little & {keyword.word for keyword in LIBRARY.keywords}
