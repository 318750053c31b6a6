"""The words the sample's titles, people and plots are made of. Everything here is invented."""

from typing import Final, NamedTuple

from cartelera import columns as c

N_FACTORS: Final = 2  # darkness and wonder: what the planted tastes are made of


_PUBLISHED: Final = (c.AMAZON, c.DISNEY, c.HULU, c.NETFLIX)


class Genre(NamedTuple):
    """A genre, how people feel about it, and what each platform calls it.

    Attributes:
        darkness: Where it stands between light-hearted (-1) and dark (+1).
        wonder: Where it stands between down-to-earth (-1) and fantastic (+1). With darkness it
            makes the planted taste.
        appeal: How much better or worse than others its titles are liked, without unit.
        weight: How common it is.
        spellings: Platform to what `listed_in` calls it; a platform left out does not have it.
        show_spelling: What netflix calls it for shows, where that differs.
        plots: Sentences with {job}, {place}, {thing} and {name} to fill in.
    """

    darkness: float
    wonder: float
    appeal: float
    weight: float
    spellings: dict[str, str]
    show_spelling: str
    plots: tuple[str, ...]

    def on(self, platform: str) -> bool:
        """Tell whether a platform has it."""
        return model_of(platform) in self.spellings


def model_of(platform: str) -> str:
    """Return the platform whose catalogue is the model of another one's: itself if published."""
    return platform if platform in _PUBLISHED else c.NETFLIX


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _everywhere(amazon: str, disney: str, hulu: str, netflix: str) -> dict[str, str]:
    spellings = dict(zip(_PUBLISHED, (amazon, disney, hulu, netflix), strict=True))
    return {platform: spelling for platform, spelling in spellings.items() if spelling}


GENRES: Final = (
    Genre(
        0.5, -0.8, 0.8, 9, _everywhere("Drama", "Drama", "Drama", "Dramas"), "TV Dramas",
        (
            "A {job} comes home to {place} and finds that {thing} has changed everything.",
            "After the loss of {thing}, a {job} and a stranger called {name} learn to forgive.",
            "Three sisters run the last inn of {place} while {thing} divides the village.",
        ),
    ),
    Genre(
        -0.9, -0.5, 0.1, 8, _everywhere("Comedy", "Comedy", "Comedy", "Comedies"), "TV Comedies",
        (
            "A hopeless {job} pretends to be the mayor of {place}, and nobody notices.",
            "When {name} inherits {thing}, the whole family moves in to help. Nobody helps.",
            "Two rival bakers of {place} must share one oven and {thing}.",
        ),
    ),
    Genre(
        0.3, 0.8, 0.0, 5,
        _everywhere("Action", "Action-Adventure", "Action", "Action & Adventure"),
        "TV Action & Adventure",
        (
            "A retired {job} has one night to bring {thing} out of {place}.",
            "{name} crosses the mountains with {thing} and half an army behind.",
        ),
    ),
    Genre(
        -0.5, -0.7, -0.2, 4,
        _everywhere("Romance", "Romance", "Romance", "Romantic Movies"), "Romantic TV Shows",
        (
            "A {job} in {place} answers a letter that was never meant for anyone.",
            "{name} and a {job} meet on the last train every winter, until one does not come.",
        ),
    ),
    Genre(
        1.1, 0.1, 0.2, 5, _everywhere("Suspense", "", "Thriller", "Thrillers"), "TV Thrillers",
        (
            "A {job} hears a voice through the wall, and it knows about {thing}.",
            "Someone in {place} keeps sending {name} photographs of tomorrow.",
        ),
    ),
    Genre(
        1.5, 0.9, -0.9, 3, _everywhere("Horror", "", "Horror", "Horror Movies"), "TV Horror",
        (
            "The lake of {place} gives back {thing}, and the children stop sleeping.",
            "A {job} spends a night in a house that remembers every guest.",
        ),
    ),
    Genre(
        0.4, 1.5, 0.3, 3,
        _everywhere("Science Fiction", "Science Fiction", "Science Fiction", "Sci-Fi & Fantasy"),
        "TV Sci-Fi & Fantasy",
        (
            "The last {job} on a silent moon receives a message about {thing}.",
            "In a drowned {place}, {name} builds a machine that dreams.",
        ),
    ),
    Genre(
        0.0, -1.4, 0.9, 4,
        _everywhere("Documentary", "Documentary", "Documentaries", "Documentaries"),
        "Docuseries",
        (
            "A patient look at {place}, its {job}s, and {thing} that keeps them there.",
            "Filmed over nine years: how {thing} came back to {place}.",
        ),
    ),
    Genre(
        -1.2, 0.6, -0.4, 4,
        _everywhere("Kids", "Family", "Family", "Children & Family Movies"), "Kids' TV",
        (
            "A small dragon wants to be a {job}, and {place} is about to find out.",
            "{name} and a very tired owl look for {thing} before bedtime.",
        ),
    ),
    Genre(
        -0.6, 1.3, 0.4, 3,
        _everywhere("Animation", "Animation", "Cartoons", "Anime Features"), "Anime Series",
        (
            "A paper fox crosses {place} to return {thing} to the wind.",
            "Young {job} {name} can draw doors, and one of them opens.",
        ),
    ),
    Genre(
        1.0, -0.8, 0.3, 3, _everywhere("", "", "Crime", "Crime Movies"), "Crime TV Shows",
        (
            "Inspector {name} returns to {place}, where {thing} was stolen twice.",
            "An honest {job} counts the money of {place}, and one night it does not add up.",
        ),
    ),
)  # fmt: skip

FAMILY: Final = 8  # where the family genre stands in GENRES


class Culture(NamedTuple):
    """Where people and titles come from.

    Attributes:
        weight: How common it is.
        countries: The commonest first.
        given, family: Names of people.
        heads, tails: Beginnings and endings of titles in the language, if not English.
    """

    weight: float
    countries: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    heads: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()


CULTURES: Final = (
    Culture(
        10,
        ("United States", "United Kingdom", "Canada", "Australia"),
        _words(
            "Alma Bram Clara Dorian Edith Fergus Greta Harlan Imogen Jonas Kit Lena Marlow Nora "
            "Orson Perla Quentin Rosalind Silas Tamsin Una Vance Willa Xander Yardley Zelda"
        ),
        _words(
            "Ashdown Birchall Calloway Dunmere Eastlake Farrowby Greaves Hollins Ivers Jessop "
            "Kettleby Larkhill Merriday Northcote Oakshott Penhale Quill Ravensby Sandford "
            "Thornbury Underhay Vexley Wetherell Yarrow O'Dunne"
        ),
    ),
    Culture(
        3,
        ("India",),
        _words("Aarav Bhavna Chetan Divya Eshan Farida Gauri Harsh Ila Jatin Kavya Lalit"),
        _words("Anandwar Bhatiyal Chandekar Deshwal Gokhari Jairath Kulwant Mehraj Nairoba"),
    ),
    Culture(
        2,
        ("Spain", "Mexico", "Argentina"),
        _words("Álvaro Begoña Ciro Dulce Elías Fátima Gael Inés Joaquín Lucía Íñigo Noé"),
        _words("Albarrán Beltrés Cifuéntez Dávalos Espinel Garcés Ibarrola Muñárriz Ocaña"),
        ("El faro", "La casa", "El jardín", "La última carta", "El tren", "La orilla", "El eco"),
        ("de invierno", "del mar", "sin nombre", "de los sueños", "de Montealba", "azul"),
    ),
    Culture(
        1.5,
        ("France", "Belgium"),
        _words("Anaïs Benoît Céline Didier Élodie François Gaëlle Hélène Loïc Océane"),
        _words("Aubrelle Belcœur Chantevent Delorzac Fontclair Grandelys Lavernoy Sérizy"),
        ("Le jardin", "La nuit", "Une lettre", "Le dernier train", "La rivière", "Un été"),
        ("de Claire", "sans fin", "à Valmorel", "des oubliés", "en hiver", "du silence"),
    ),
    Culture(
        1,
        ("Turkey",),
        _words("Ayşe Burak Cemre Deniz Elif İlker İpek Kerem Leyla Oğuz Şirin Yiğit"),
        _words("Akçabel Bozdere Çelendağ Demirsoy Gümüşay İnceoğul Karadut Özçelen Şenova"),
        ("İki", "İstasyon'da bir", "Son", "Uzak", "Eski"),
        ("deniz", "mektup", "gece", "bahçe", "şehir"),
    ),
    Culture(
        1.5,
        ("Japan", "South Korea"),
        _words("Akemi Chihiro Daisuke Haneul Hinata Ji-won Kenta Mirae Natsuki Seo-jun"),
        _words("Amakusei Fujimaru Hanazora Kwonha Minasato Ohdam Shirogane Tsukihara Yoonari"),
    ),
)

ADJECTIVES: Final = _words(
    "Amber Borrowed Broken Careful Copper Distant Drowned Emerald Empty Endless Fallen First "
    "Forgotten Gentle Golden Hidden Hollow Honest Hungry Invisible Last Little Lonely Long Lost "
    "Lucky Midnight Northern Painted Paper Patient Quiet Restless Salt Second Secret Silver "
    "Singing Sleeping Stolen Stubborn Tender Unlikely Wandering Wild Winter"
)
NOUNS: Final = _words(
    "Airship Almanac Anchor Apprentice Astronomer Bakery Bridge Bureau Cartographer Carousel "
    "Cathedral Clockmaker Comet Compass Corridor Crossing Detective Diary Election Falcon Ferry "
    "Festival Forecast Garden Ghost Glacier Harbor Heir Hotel Inheritance Island Journey Kitchen "
    "Lantern Library Lighthouse Locksmith Magician Map Market Meridian Mirror Museum Neighbor "
    "Observatory Orchard Orchestra Passenger Piano Pilot Postcard Promise Rehearsal River Rumor "
    "Satellite School Season Signal Staircase Station Storm Summer Tailor Theater Tide Train "
    "Translator Treasure Umbrella Valley Verdict Violin Visitor Voyage Waltz Wedding"
)
PLACES: Final = _phrases(
    "Ashgrove|Bellmare|Cape Solace|Dunvarra|Eastmoor|Fenwick Bay|Glasshaven|Hollowbrook|"
    "Isla Perdita|Juniper Falls|Kestrel Point|Larkmoor|Montealba|Nightingale Row|Old Varna Road|"
    "Port Amity|Quarry Hill|Red Lantern Street|Saltmarsh|Tallow Creek|Upper Wend|Valmorel|"
    "Westerly|Yewdale"
)
TITLE_PATTERNS: Final = (
    "The {adjective} {noun}",
    "{adjective} {noun}",
    "The {noun} of {place}",
    "{noun} and {other}",
    "{given}'s {noun}",
    "{given} and the {adjective} {noun}",
    "The {noun}: The Story of {place}",
    "No {noun} for {given}",
    "Goodbye, {adjective} {noun}",
    "The {noun} in {place}",
    "{adjective} Days of {given}",
)
JOBS: Final = _phrases(
    "baker|beekeeper|cellist|clerk|doctor|ferry pilot|gardener|geologist|glassblower|judge|"
    "librarian|locksmith|nurse|piano tuner|pilot|potter|sailor|schoolteacher|shepherd|tailor|"
    "translator|watchmaker"
)
THINGS: Final = _phrases(
    "a brass telescope|a forged will|a forgotten recipe|a frozen river|a jar of letters|"
    "a locked piano|a map without names|a missing brother|a red bicycle|a silent bell|"
    "a stolen violin|an old debt|an unfinished song|the harbor light|the last ferry|"
    "the village clock|the winter market"
)
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
