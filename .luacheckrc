std = "lua54"
max_line_length = 100

files["spec"] = { std = "+busted" }
-- A field is one line, so that the columns show the layout.
files["protocols"] = { max_line_length = 140 }
