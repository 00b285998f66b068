"""The words that made-up people, companies and products are put together from. Holds data only."""

from __future__ import annotations

# fmt: off

FIRST = (
    "Aaron", "Abigail", "Adam", "Aisha", "Alan", "Alejandra", "Alice", "Amanda", "Amir", "Amy", "Andre", "Angela", "Anita", "Anthony",
    "Aria", "Arthur", "Ashley", "Audrey", "Beatrice", "Benjamin", "Bianca", "Brandon", "Brenda", "Brian", "Bruce", "Caleb", "Camille",
    "Carla", "Carlos", "Caroline", "Catherine", "Cedric", "Chloe", "Christina", "Clara", "Claudia", "Colin", "Connor", "Cynthia",
    "Daniel", "Daphne", "David", "Deborah", "Denise", "Derek", "Diana", "Dominic", "Donna", "Dylan", "Edith", "Edward", "Elaine",
    "Eleanor", "Elena", "Elias", "Elizabeth", "Emily", "Eric", "Esther", "Ethan", "Eva", "Felix", "Fiona", "Florence", "Frances",
    "Frank", "Gabriel", "Gavin", "George", "Gloria", "Grace", "Graham", "Greta", "Hannah", "Harold", "Harriet", "Hassan", "Heather",
    "Hector", "Helen", "Henry", "Holly", "Howard", "Hugo", "Ian", "Ingrid", "Irene", "Isaac", "Isabel", "Ivan", "Jacob", "Janet",
    "Jasmine", "Jason", "Javier", "Jean", "Jeffrey", "Jenna", "Jeremy", "Joan", "Joel", "Jonathan", "Joseph", "Joyce", "Juan", "Judith",
    "Julia", "Justin", "Karen", "Karim", "Keith", "Kevin", "Kimberly", "Laura", "Lawrence", "Leah", "Leonard", "Leticia", "Liam",
    "Linda", "Logan", "Lucia", "Lydia", "Malcolm", "Marcus", "Margaret", "Maria", "Marta", "Martin", "Maya", "Megan", "Melissa",
    "Michael", "Miriam", "Mitchell", "Monica", "Nadia", "Naomi", "Natalie", "Nathan", "Neil", "Nicole", "Nina", "Noah", "Nora",
    "Oliver", "Olivia", "Oscar", "Pamela", "Patricia", "Paul", "Pedro", "Peter", "Philip", "Priya", "Rachel", "Rafael", "Ralph",
    "Raymond", "Rebecca", "Renee", "Ricardo", "Robert", "Roger", "Rosa", "Russell", "Ruth", "Ryan", "Samantha", "Samuel", "Sandra",
    "Sara", "Scott", "Sean", "Sergio", "Sharon", "Sheila", "Simon", "Sofia", "Stella", "Stephen", "Susan", "Sylvia", "Tamara",
    "Theresa", "Thomas", "Tina", "Todd", "Travis", "Trevor", "Valerie", "Vanessa", "Vera", "Victor", "Victoria", "Vincent", "Virginia",
    "Walter", "Wanda", "Wayne", "Wendy", "William", "Yolanda", "Yusuf", "Zoe",
)

LAST = (
    "Abbott", "Acosta", "Adler", "Aldridge", "Allen", "Alvarez", "Anderson", "Archer", "Armstrong", "Atkins", "Bailey", "Baldwin",
    "Banerjee", "Barnes", "Barrett", "Bauer", "Beck", "Benson", "Berg", "Bishop", "Blake", "Bowen", "Bradley", "Brandt", "Brennan",
    "Brooks", "Bryant", "Burke", "Butler", "Calderon", "Cameron", "Campbell", "Cardenas", "Carlson", "Carter", "Castillo", "Chambers",
    "Chandler", "Chavez", "Chen", "Choi", "Christensen", "Clarke", "Cohen", "Coleman", "Collins", "Conway", "Cooper", "Costa", "Craig",
    "Crawford", "Cross", "Cruz", "Cunningham", "Curtis", "Dalton", "Davenport", "Dawson", "Delgado", "Dempsey", "Desai", "Diaz",
    "Dixon", "Donovan", "Douglas", "Doyle", "Duncan", "Dunn", "Eaton", "Edwards", "Elliott", "Ellis", "Emerson", "Espinoza", "Evans",
    "Farrell", "Ferguson", "Fernandez", "Fischer", "Fisher", "Fleming", "Fletcher", "Flores", "Ford", "Foster", "Fowler", "Franklin",
    "Frazier", "Friedman", "Fuentes", "Gallagher", "Garcia", "Gardner", "Garrison", "Gibson", "Gilbert", "Goldberg", "Gomez", "Goodwin",
    "Gordon", "Graham", "Grant", "Graves", "Greene", "Griffin", "Gupta", "Gutierrez", "Haas", "Hale", "Hamilton", "Hansen", "Harding",
    "Harper", "Harrington", "Hart", "Hartman", "Hawkins", "Hayes", "Henderson", "Hernandez", "Hicks", "Hoffman", "Holloway", "Holmes",
    "Hopkins", "Horton", "Houston", "Howell", "Hudson", "Hughes", "Hunter", "Ibarra", "Ingram", "Iyer", "Jacobs", "Jensen", "Jimenez",
    "Johnston", "Jordan", "Kaplan", "Kaufman", "Keller", "Kelley", "Kemp", "Kennedy", "Kim", "Klein", "Knight", "Kowalski", "Kramer",
    "Lambert", "Lang", "Larsen", "Lawson", "Lee", "Leon", "Levine", "Lewis", "Lindgren", "Lopez", "Lowe", "Lynch", "MacDonald",
    "Maldonado", "Mann", "Marsh", "Marshall", "Martinez", "Mason", "Mathis", "Maxwell", "McBride", "McCarthy", "McKenzie", "Medina",
    "Mehta", "Mendez", "Meyer", "Miles", "Molina", "Monroe", "Morales", "Moran", "Moreno", "Morgan", "Morrison", "Mueller", "Munoz",
    "Murphy", "Nakamura", "Navarro", "Nelson", "Newman", "Nguyen", "Nichols", "Nielsen", "Nolan", "Norris", "Novak", "Obrien", "Olsen",
    "Ortega", "Osborne", "Owens", "Pacheco", "Parker", "Patel", "Patterson", "Pearson", "Peck", "Pereira", "Perkins", "Petersen",
    "Phillips", "Pierce", "Porter", "Potter", "Powell", "Preston", "Price", "Quinn", "Ramirez", "Ramsey", "Randall", "Reeves", "Reid",
    "Reyes", "Reynolds", "Rhodes", "Richter", "Riley", "Rivera", "Roberts", "Robinson", "Rojas", "Romero", "Rossi", "Rowe", "Ruiz",
    "Russo", "Ryan", "Salazar", "Sanders", "Santiago", "Saunders", "Schmidt", "Schneider", "Schwartz", "Sharma", "Shaw", "Shelton",
    "Silva", "Simmons", "Singh", "Sloan", "Snyder", "Solomon", "Soto", "Spencer", "Stafford", "Stein", "Stevenson", "Stone", "Strauss",
    "Suarez", "Sullivan", "Sutton", "Swanson", "Tanaka", "Tate", "Thornton", "Torres", "Townsend", "Tucker", "Underwood", "Valdez",
    "Vance", "Vargas", "Vasquez", "Vaughn", "Vega", "Velasquez", "Vogel", "Wagner", "Walsh", "Warner", "Watkins", "Weaver", "Weber",
    "Webster", "Weiss", "Whitaker", "Wilder", "Wilkins", "Winters", "Wolfe", "Wong", "Woodward", "Wright", "Wyatt", "Yang", "Yates",
    "Young", "Zamora", "Ziegler", "Zimmerman",
)

# Given names and family names that break careless code: apostrophes, umlauts, other scripts' marks, hyphens, short ones.
ODD_NAMES = (
    ("Siobhán", "O'Brien"),
    ("Jürgen", "Müller"),
    ("Zoë", "Brontë-Smith"),
    ("Renée", "D'Angelo"),
    ("Björn", "Åkerström"),
    ("Łukasz", "Wójcik"),
    ("Núria", "Peña Ibáñez"),
    ("Jean-Luc", "L'Écuyer"),
    ("Søren", "Kjærgård"),
    ("Mary Ann", "van der Berg"),
    ("Ng", "O"),
    ("Anaïs 🌻", "Lefèvre"),
    ("Dvořák", "Jiří"),
    ("Günther", "Weiß"),
    ("Patrick", "O\u2019Neill"),
)

COMPANY_FIRST = (
    "Amber", "Anchor", "Apex", "Arbor", "Argent", "Aspen", "Atlas", "Beacon", "Birch", "Blue", "Boulder", "Bright", "Bronze", "Canyon",
    "Cardinal", "Cascade", "Cedar", "Clear", "Clover", "Cobalt", "Compass", "Copper", "Coral", "Crescent", "Crimson", "Crystal",
    "Delta", "Eagle", "Echo", "Ember", "Evergreen", "Falcon", "Fern", "Flint", "Fox", "Garnet", "Glacier", "Golden", "Granite", "Green",
    "Harbor", "Hawthorn", "Hazel", "Heron", "High", "Indigo", "Iron", "Ivory", "Jade", "Juniper", "Keystone", "Lake", "Lantern",
    "Laurel", "Liberty", "Lunar", "Magnolia", "Maple", "Marble", "Meridian", "Mesa", "Midland", "Mosaic", "North", "Oak", "Ocean",
    "Olive", "Onyx", "Orchard", "Osprey", "Pacific", "Pearl", "Pine", "Pioneer", "Prairie", "Quartz", "Raven", "Red", "Ridge", "River",
    "Rock", "Rowan", "Sage", "Sapphire", "Sequoia", "Silver", "Sky", "Slate", "Solar", "Spruce", "Sterling", "Stone", "Summit",
    "Sunset", "Terra", "Timber", "Topaz", "Tundra", "Union", "Valley", "Velvet", "Vista", "Walnut", "West", "White", "Willow", "Winter",
    "Wren", "Zenith",
)

COMPANY_SECOND = (
    "bay", "bend", "bridge", "brook", "burn", "cliff", "crest", "dale", "field", "ford", "forge", "gate", "glen", "grove", "haven",
    "hill", "hollow", "house", "hurst", "land", "leaf", "light", "line", "mark", "mead", "mill", "mont", "more", "path", "peak",
    "point", "port", "ridge", "rise", "root", "run", "shore", "side", "spring", "stead", "stone", "view", "wald", "ward", "water",
    "way", "well", "wick", "wind", "wood", "works",
)

COMPANY_KIND = (
    ("Architects", "ARCHITECTURE_PLANNING"),
    ("Bakery", "FOOD_BEVERAGES"),
    ("Builders", "CONSTRUCTION"),
    ("Clinic", "HEALTH_WELLNESS_AND_FITNESS"),
    ("Dental", "HEALTH_WELLNESS_AND_FITNESS"),
    ("Design", "DESIGN"),
    ("Engineering", "MACHINERY"),
    ("Foods", "FOOD_BEVERAGES"),
    ("Freight", "LOGISTICS_AND_SUPPLY_CHAIN"),
    ("Hotels", "HOSPITALITY"),
    ("Insurance", "INSURANCE"),
    ("Labs", "INFORMATION_TECHNOLOGY_AND_SERVICES"),
    ("Law", "LEGAL_SERVICES"),
    ("Media", "MARKETING_AND_ADVERTISING"),
    ("Outfitters", "RETAIL"),
    ("Partners", "MANAGEMENT_CONSULTING"),
    ("Printing", "DESIGN"),
    ("Realty", "REAL_ESTATE"),
    ("Software", "COMPUTER_SOFTWARE"),
    ("Supply", "WHOLESALE"),
    ("Travel", "HOSPITALITY"),
    ("Vineyards", "FOOD_BEVERAGES"),
)

# City, state, first three digits of the postal code, area code.
PLACES = (
    ("Austin", "TX", "787", "512"),
    ("Denver", "CO", "802", "303"),
    ("Portland", "OR", "972", "503"),
    ("Chicago", "IL", "606", "312"),
    ("Boston", "MA", "021", "617"),
    ("Seattle", "WA", "981", "206"),
    ("Atlanta", "GA", "303", "404"),
    ("Nashville", "TN", "372", "615"),
    ("Phoenix", "AZ", "850", "602"),
    ("San Diego", "CA", "921", "619"),
    ("Sacramento", "CA", "958", "916"),
    ("Minneapolis", "MN", "554", "612"),
    ("Kansas City", "MO", "641", "816"),
    ("Raleigh", "NC", "276", "919"),
    ("Pittsburgh", "PA", "152", "412"),
    ("Philadelphia", "PA", "191", "215"),
    ("Columbus", "OH", "432", "614"),
    ("Milwaukee", "WI", "532", "414"),
    ("Tampa", "FL", "336", "813"),
    ("Orlando", "FL", "328", "407"),
    ("Richmond", "VA", "232", "804"),
    ("Baltimore", "MD", "212", "410"),
    ("Albany", "NY", "122", "518"),
    ("Brooklyn", "NY", "112", "718"),
    ("Boise", "ID", "837", "208"),
    ("Salt Lake City", "UT", "841", "801"),
    ("Santa Fe", "NM", "875", "505"),
    ("Omaha", "NE", "681", "402"),
    ("Madison", "WI", "537", "608"),
    ("Burlington", "VT", "054", "802"),
)

STREETS = (
    "Alder", "Ash", "Bank", "Bay", "Bridge", "Broad", "Canal", "Cedar", "Center", "Chapel", "Cherry", "Church", "College", "Court",
    "Depot", "Elm", "Forest", "Fourth", "Front", "Fulton", "Garden", "Grand", "Grove", "Harbor", "High", "Hill", "Jackson", "Jefferson",
    "King", "Lake", "Laurel", "Liberty", "Lincoln", "Madison", "Main", "Maple", "Market", "Meadow", "Mill", "Monroe", "North", "Oak",
    "Orchard", "Park", "Pearl", "Pine", "Pleasant", "Prospect", "Quarry", "Railroad", "River", "School", "Second", "South", "Spring",
    "Spruce", "State", "Summer", "Sunset", "Third", "Union", "Valley", "Vine", "Walnut", "Washington", "Water", "West", "Willow",
    "Winter",
)
STREET_KINDS = ("St", "Ave", "Rd", "Blvd", "Ln", "Way", "Dr", "Ct")

SERVICES = (
    "Advisory", "Assessment", "Audit", "Coaching", "Configuration", "Data Cleaning", "Discovery Workshop", "Documentation",
    "Facilitation", "Health Check", "Implementation", "Integration", "Interim Management", "Market Study", "Migration", "Onboarding",
    "Planning Session", "Process Review", "Project Management", "Reporting", "Research", "Roadmap", "Support", "Team Training",
    "Vendor Selection",
)
SUBJECTS = (
    "Accounting", "Brand", "Change", "Cloud", "Compliance", "CRM", "Customer", "Cyber Security", "E-Commerce", "Energy", "Finance",
    "Growth", "HR", "Leadership", "Lean", "Logistics", "Operations", "Payroll", "Pricing", "Procurement", "Product", "Quality",
    "Risk", "Sales", "Strategy", "Supply Chain", "Sustainability", "Tax", "Warehouse", "Workplace",
)
LEVELS = ("Starter", "Standard", "Plus", "Senior", "Expert")
