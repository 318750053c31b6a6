"""The vocabulary of columns and of the few values that are words.

Every table of the project uses these names; nothing else spells them out.
"""

from typing import Final

# Raw catalogues, as the platforms publish them.
SHOW_ID: Final = "show_id"
TYPE: Final = "type"
TITLE: Final = "title"
DIRECTOR: Final = "director"
CAST: Final = "cast"
COUNTRY: Final = "country"
DATE_ADDED: Final = "date_added"
RELEASE_YEAR: Final = "release_year"
CERTIFICATE: Final = "rating"  # the age label keeps its published column name
DURATION: Final = "duration"
LISTED_IN: Final = "listed_in"
DESCRIPTION: Final = "description"

RAW_TITLE_COLUMNS: Final = (
    SHOW_ID,
    TYPE,
    TITLE,
    DIRECTOR,
    CAST,
    COUNTRY,
    DATE_ADDED,
    RELEASE_YEAR,
    CERTIFICATE,
    DURATION,
    LISTED_IN,
    DESCRIPTION,
)

# Raw ratings, as published.
RAW_USER: Final = "userId"
RAW_RATING: Final = "rating"
RAW_TIMESTAMP: Final = "timestamp"
RAW_TITLE_ID: Final = "movieId"

RAW_RATING_COLUMNS: Final = (RAW_USER, RAW_RATING, RAW_TIMESTAMP, RAW_TITLE_ID)

# What `etl.columns` calls the catalogues' age label, for ratings have a `rating` as well.
CERTIFICATE_SETTING: Final = "certificate"

# Where a raw row stands: its file's name and the line its record starts on (the header is line 1).
SOURCE_FILE: Final = "source_file"
LINE: Final = "line"
REASON: Final = "reason"

# Clean titles.
ID: Final = "id"
WORK_ID: Final = "work_id"  # of the title that stands for the work
PLATFORM: Final = "platform"
DISPLAY_TITLE: Final = "display_title"
DISPLAY_DIRECTOR: Final = "display_director"
DISPLAY_CAST: Final = "display_cast"
DISPLAY_DESCRIPTION: Final = "display_description"
CERTIFICATE_IMPUTED: Final = "certificate_imputed"
DURATION_INT: Final = "duration_int"
DURATION_TYPE: Final = "duration_type"

CLEAN_TITLE_COLUMNS: Final = (
    ID,
    WORK_ID,
    PLATFORM,
    TYPE,
    TITLE,
    DISPLAY_TITLE,
    DIRECTOR,
    CAST,
    COUNTRY,
    DATE_ADDED,
    RELEASE_YEAR,
    CERTIFICATE,
    CERTIFICATE_IMPUTED,
    DURATION_INT,
    DURATION_TYPE,
    LISTED_IN,
    DESCRIPTION,
    DISPLAY_DIRECTOR,
    DISPLAY_CAST,
    DISPLAY_DESCRIPTION,
)

DISPLAY_COLUMNS: Final = {
    TITLE: DISPLAY_TITLE,
    DIRECTOR: DISPLAY_DIRECTOR,
    CAST: DISPLAY_CAST,
    DESCRIPTION: DISPLAY_DESCRIPTION,
}
"""Where the spelling as published stands of texts that are compared in lower case."""

# Clean ratings: one row a (user, title).
USER_ID: Final = "user_id"
TITLE_ID: Final = "title_id"
RATING: Final = "rating"
TIMESTAMP: Final = "timestamp"  # seconds since 1970-01-01 UTC

CLEAN_RATING_COLUMNS: Final = (USER_ID, TITLE_ID, RATING, TIMESTAMP)

# Whether the service received a rating, from whomever; else it stands in a file of the source. In
# the Parquet tables alone: the CSV keeps the columns that others read.
IS_RECEIVED: Final = "is_received"

# Scores: one row a rated title.
SCORE: Final = "score"
N_RATINGS: Final = "n_ratings"

SCORE_COLUMNS: Final = (TITLE_ID, SCORE, N_RATINGS)

# Lists of all users: one row a (user, title). `SCORE` is what a list is sorted by there.
POSITION: Final = "position"  # 1 for the best
PLATFORMS: Final = "platforms"  # where it is, the first one that of the title's id
STARS: Final = "stars"  # the predicted rating
ORIGIN: Final = "origin"
REASONS: Final = ("reason_1", "reason_2", "reason_3")  # rated titles that speak for it

# The sample's planted truth, for tests alone: the rating to expect of a user and a title.
EXPECTATION: Final = "expectation"

# Learning curves: one row an epoch, errors in stars.
EPOCH: Final = "epoch"
TRAIN_RMSE: Final = "train_rmse"
VALID_RMSE: Final = "valid_rmse"

# How good the lists of a trial are, from 0 to 1.
VALID_NDCG: Final = "valid_ndcg"

CURVE_COLUMNS: Final = (EPOCH, TRAIN_RMSE, VALID_RMSE)

# Newcomers' curve: one row a number of ratings given, errors in stars. `N_RATINGS` is that number.
N_USERS: Final = "n_users"
RMSE: Final = "rmse"
TITLE_MEAN_RMSE: Final = "title_mean_rmse"
BIAS_RMSE: Final = "bias_rmse"

FOLD_IN_CURVE_COLUMNS: Final = (N_RATINGS, N_USERS, RMSE, TITLE_MEAN_RMSE, BIAS_RMSE)

# Words.
MOVIE: Final = "movie"
TV_SHOW: Final = "tv show"
TYPES: Final = (MOVIE, TV_SHOW)

MINUTES: Final = "min"
SEASONS: Final = "season"
DURATION_TYPES: Final = (MINUTES, SEASONS)

# The platforms whose catalogues are published, and imitated by the sample; `conf/catalogue` has the
# table of those there are.
AMAZON: Final = "amazon"
DISNEY: Final = "disney"
HULU: Final = "hulu"
NETFLIX: Final = "netflix"

RATINGS_FOLDER: Final = "ratings"
RECEIVED: Final = "feedback-"  # what the names of files with received ratings begin with
