"""A client of HubSpot's API: typed answers, errors by what to do next. Knows no other vendor and no framework."""
