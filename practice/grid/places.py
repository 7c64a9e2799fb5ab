"""Where farms stand, and how many of them are to be expected there."""

from typing import NamedTuple


class Place(NamedTuple):
    region: str
    country: str
    city: str
    latitude: float | None
    longitude: float | None
    weight: int


PLACES = (
    Place("Europe", "Belgium", "Ghent", 51.05, 3.72, 10),
    Place("Europe", "Belgium", "Lochristi", 51.10, 3.83, 12),
    Place("Europe", "Belgium", "Antwerp", 51.22, 4.40, 5),
    Place("Europe", "Netherlands", "Amsterdam", 52.37, 4.90, 9),
    Place("Europe", "Netherlands", "Utrecht", 52.09, 5.12, 4),
    Place("Europe", "Germany", "Berlin", 52.52, 13.40, 7),
    Place("Europe", "Germany", "Nuremberg", 49.45, 11.08, 6),
    Place("Europe", "Germany", "Hamburg", 53.55, 9.99, 4),
    Place("Europe", "Switzerland", "Zurich", 47.37, 8.54, 6),
    Place("Europe", "Switzerland", "Lucerne", 47.05, 8.31, 3),
    Place("Europe", "Austria", "Vienna", 48.21, 16.37, 8),
    Place("Europe", "Austria", "Salzburg", 47.81, 13.04, 4),
    Place("Europe", "France", "Paris", 48.86, 2.35, 5),
    Place("Europe", "France", "Lyon", 45.76, 4.84, 3),
    Place("Europe", "United Kingdom", "London", 51.51, -0.13, 5),
    Place("Europe", "United Kingdom", "Manchester", 53.48, -2.24, 2),
    Place("Europe", "Ireland", "Dublin", 53.35, -6.26, 2),
    Place("Europe", "Italy", "Milan", 45.46, 9.19, 4),
    Place("Europe", "Spain", "Barcelona", 41.39, 2.17, 3),
    Place("Europe", "Portugal", "Porto", 41.15, -8.61, 2),
    Place("Europe", "Poland", "Warsaw", 52.23, 21.01, 3),
    Place("Europe", "Czechia", "Prague", 50.08, 14.44, 3),
    Place("Europe", "Hungary", "Budapest", 47.50, 19.04, 2),
    Place("Europe", "Romania", "Cluj-Napoca", 46.77, 23.60, 3),
    Place("Europe", "Bulgaria", "Sofia", 42.70, 23.32, 4),
    Place("Europe", "Sweden", "Stockholm", 59.33, 18.07, 3),
    Place("Europe", "Norway", "Oslo", 59.91, 10.75, 2),
    Place("Europe", "Finland", "Helsinki", 60.17, 24.94, 3),
    Place("Europe", "Estonia", "Tallinn", 59.44, 24.75, 1),
    Place("Europe", "Iceland", "Reykjavik", 64.15, -21.94, 1),
    Place("Americas", "United States", "New York", 40.71, -74.01, 6),
    Place("Americas", "United States", "Austin", 30.27, -97.74, 5),
    Place("Americas", "United States", "Salt Lake City", 40.76, -111.89, 4),
    Place("Americas", "United States", "Portland", 45.52, -122.68, 3),
    Place("Americas", "Canada", "Montreal", 45.50, -73.57, 5),
    Place("Americas", "Canada", "Vancouver", 49.28, -123.12, 3),
    Place("Americas", "Mexico", "Guadalajara", 20.66, -103.35, 1),
    Place("Americas", "Brazil", "São Paulo", -23.55, -46.63, 2),
    Place("Americas", "Chile", "Santiago", -33.45, -70.67, 1),
    Place("Americas", "Argentina", "Buenos Aires", -34.60, -58.38, 1),
    Place("Asia", "United Arab Emirates", "Dubai", 25.20, 55.27, 5),
    Place("Asia", "India", "Bengaluru", 12.97, 77.59, 2),
    Place("Asia", "Singapore", "Singapore", 1.35, 103.82, 3),
    Place("Asia", "Japan", "Osaka", 34.69, 135.50, 2),
    Place("Asia", "South Korea", "Busan", 35.18, 129.08, 1),
    Place("Asia", "Vietnam", "Da Nang", 16.05, 108.20, 1),
    Place("Africa", "Egypt", "Cairo", 30.04, 31.24, 2),
    Place("Africa", "Tanzania", "Zanzibar City", -6.17, 39.20, 2),
    Place("Africa", "Kenya", "Nairobi", -1.29, 36.82, 1),
    Place("Africa", "South Africa", "Cape Town", -33.92, 18.42, 2),
    Place("Oceania", "Australia", "Melbourne", -37.81, 144.96, 2),
    Place("Oceania", "New Zealand", "Auckland", -36.85, 174.76, 1),
)
