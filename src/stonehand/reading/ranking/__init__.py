"""The mathematics of recommending. Pure: arrays and values go in, arrays and values come out."""
