"""The reference: pages and schemas written from the sources that the program itself reads."""
