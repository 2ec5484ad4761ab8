"""What the shop says about each product: the words of the listing, invented brands and all."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Listing:
    """The words of one product."""

    handle: str
    title: str
    vendor: str
    product_type: str
    category: str  #: Shopify's taxonomy, full name
    price: str
    text: str
    tags: tuple[str, ...] = ()
    options: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())

    @property
    def description_html(self) -> str:
        return "".join(f"<p>{part.strip()}</p>" for part in self.text.split("\n") if part.strip())


LISTINGS = (
    Listing(
        "oak-side-table",
        "Lindholm oak side table",
        "Nordhaus",
        "Side table",
        "Furniture > Tables > Accent Tables > End Tables",
        "249.00",
        """A round side table of solid oak with a small shelf for the book you are reading.
        50 cm wide, 55 cm high. Oiled by hand; the grain is never the same twice.""",
        ("oak", "living room", "handmade"),
        (("Wood", ("Oak",)),),
    ),
    Listing(
        "ceramic-table-lamp",
        "Salvia ceramic table lamp",
        "Nordhaus",
        "Table lamp",
        "Home & Garden > Lighting > Lamps",
        "129.00",
        """Sage green glaze on a round ceramic foot, brass neck, linen shade. 46 cm high.
        Takes an E27 bulb; cloth cable of two metres.""",
        ("lighting", "ceramic", "bedroom"),
    ),
    Listing(
        "linen-shirt",
        "Halm washed linen shirt",
        "Halm",
        "Shirt",
        "Apparel & Accessories > Clothing > Clothing Tops > Shirts",
        "89.00",
        """A straight shirt of washed European linen with horn buttons and one chest pocket.
        It creases, and that is the point.""",
        ("linen", "summer", "clothing"),
        (("Size", ("S", "M", "L", "XL")), ("Colour", ("Sky",))),
    ),
    Listing(
        "vento-running-shoe",
        "Vento 2 running shoe, coral",
        "Vento",
        "Running shoe",
        "Apparel & Accessories > Shoes",
        "119.00",
        """A light daily trainer with a knitted upper and 8 mm of drop. 240 g in size 42.""",
        ("running", "sport"),
        (("Size", ("40", "41", "42", "43", "44")), ("Colour", ("Coral",))),
    ),
    Listing(
        "leather-tote",
        "Finch leather tote",
        "Marlowe & Finch",
        "Tote bag",
        "Apparel & Accessories > Handbags, Wallets & Cases > Handbags",
        "219.00",
        """Vegetable tanned leather, stitched by hand, with a pocket at the back. Holds a 14 inch laptop.""",
        ("leather", "bag", "handmade"),
        (("Colour", ("Tan",)),),
    ),
    Listing(
        "emerald-silver-ring",
        "Aurea emerald cut ring",
        "Aurea",
        "Ring",
        "Apparel & Accessories > Jewelry > Rings",
        "165.00",
        """Recycled sterling silver with one green stone in an emerald cut, held by four claws.""",
        ("silver", "jewellery", "gift"),
        (("Ring size", ("50", "52", "54", "56")),),
    ),
    Listing(
        "dew-face-serum",
        "Alma dew face serum, 30 ml",
        "Alma",
        "Face serum",
        "Health & Beauty > Personal Care > Cosmetics > Skin Care",
        "38.00",
        """Niacinamide and squalane in an amber bottle with a dropper. Three drops, morning and night.""",
        ("skincare", "vegan"),
    ),
    Listing(
        "guji-coffee",
        "Ridgeline Ethiopia Guji coffee, 250 g",
        "Ridgeline Coffee Roasters",
        "Coffee",
        "Food, Beverages & Tobacco > Beverages > Coffee",
        "14.50",
        """Jasmine, apricot and black tea. Washed, grown at 2,050 metres, roasted light.""",
        ("coffee", "whole bean"),
        (("Grind", ("Whole bean", "Filter", "Espresso")),),
    ),
    Listing(
        "navy-headphones",
        "Ode wireless headphones, navy",
        "Ode Audio",
        "Headphones",
        "Electronics > Audio > Audio Components > Headphones & Headsets > Headphones",
        "279.00",
        """Closed headphones with leather pads and brass yokes. 32 hours of play; cable in the box.""",
        ("audio", "wireless"),
        (("Colour", ("Navy",)),),
    ),
    Listing(
        "yoga-mat",
        "Stille natural rubber yoga mat",
        "Stille",
        "Yoga mat",
        "Sporting Goods > Exercise & Fitness > Yoga & Pilates > Yoga & Pilates Mats",
        "69.00",
        """6 mm of natural rubber that does not slip, rolled up with two cotton straps. 183 by 66 cm.""",
        ("yoga", "gym"),
        (("Colour", ("Plum",)),),
    ),
    Listing(
        "wooden-train",
        "Tuff wooden train",
        "Klots & Co",
        "Wooden toy",
        "Toys & Games > Toys",
        "34.00",
        """An engine and a wagon with three logs, cut from beech, painted with water-based colours. From 18 months.""",
        ("wood", "children", "gift"),
    ),
    Listing(
        "terracotta-planter",
        "Terra planter with saucer",
        "Terra Faro",
        "Planter",
        "Home & Garden > Lawn & Garden > Gardening > Pots & Planters",
        "29.00",
        """Thrown by hand in Faro, fired once, left unglazed so that roots can breathe. 22 cm.""",
        ("garden", "terracotta", "handmade"),
    ),
    Listing(
        "daybook-and-pen",
        "Daybook notebook and pen",
        "Papier Norden",
        "Notebook",
        "Office Supplies > General Office Supplies > Paper Products > Notebooks & Notepads",
        "32.00",
        """A5, 160 dotted pages, a cover of green vegan leather and a brass pen to go with it.""",
        ("paper", "desk", "gift"),
        (("Pages", ("Dotted", "Lined")),),
    ),
    Listing(
        "enamel-kettle",
        "Morgen enamel kettle",
        "Morgen",
        "Kettle",
        "Home & Garden > Kitchen & Dining > Kitchen Tools & Utensils",
        "74.00",
        """Speckled mustard enamel on steel with a turned walnut grip. 1.8 litres, for every hob.""",
        ("kitchen", "enamel"),
        (("Colour", ("Mustard",)),),
    ),
    Listing(
        "walnut-board-and-knife",
        "Walnut board and chef's knife",
        "Bork & Ask",
        "Cutting board",
        "Home & Garden > Kitchen & Dining > Kitchen Tools & Utensils > Cutting Boards",
        "148.00",
        """An oiled walnut board with a juice groove on one side, and a 20 cm knife with a riveted handle.""",
        ("kitchen", "walnut", "set"),
    ),
    Listing(
        "fig-cedar-candle",
        "Hush scented candle, fig & cedar",
        "Hush",
        "Candle",
        "Home & Garden > Decor > Home Fragrances > Candles",
        "36.00",
        """Soy wax in smoked glass, poured by hand. Burns for fifty hours.""",
        ("candle", "home", "gift"),
    ),
    Listing(
        "insulated-bottle",
        "Fjell insulated bottle, 600 ml",
        "Fjell",
        "Water bottle",
        "Home & Garden > Kitchen & Dining > Food & Beverage Carriers > Water Bottles",
        "35.00",
        """Double-walled steel, powder coated in sea blue. Cold for a day, hot for half of one.""",
        ("outdoor", "steel"),
        (("Colour", ("Sea blue",)), ("Volume", ("600 ml",))),
    ),
    Listing(
        "stoneware-dog-bowl",
        "Good Dog stoneware bowl",
        "Rover & Rye",
        "Dog bowl",
        "Animals & Pet Supplies > Pet Supplies > Pet Bowls, Feeders & Waterers",
        "27.00",
        """Glazed stoneware, too heavy to push around the kitchen. Dishwasher safe. 18 cm.""",
        ("dog", "stoneware"),
    ),
)
