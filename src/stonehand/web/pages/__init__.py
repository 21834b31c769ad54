"""The pages, one file per room: what each shows, and the forms it takes."""
