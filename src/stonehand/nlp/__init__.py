"""Pure text mathematics: languages, sentences, phrases, vectors and summaries; knows no database and no clock."""
