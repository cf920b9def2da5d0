# SPDX-License-Identifier: GPL-2.0
#
# Takes table, svg and paths (how many rows there are); scripts/bench/chart runs it.

set terminal svg noenhanced size 1000, 150 + 18 * paths font "sans-serif,12" background "white"
set output svg
set datafile separator "\t"

# A longer bar would leave no room for the others; what it is stands beside it.
longest = 1.5

set title "Instructions (or calls, traps): Rust / C, and the two numbers"
set key above vertical maxrows 3
set style fill solid noborder
set xrange [0:longest + 0.4]
set offsets 0, 0, 0, 0
set yrange [paths - 0.4:-0.6]
set xtics 0, 0.25, longest
set x2tics 0, 0.25, longest
set grid xtics
set border 3
set tics nomirror scale 0
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb "black" front

# The rows are in the order of their ratios; the middle of a bar is half of it. What neither does is
# alike. As in the table, half an instruction is no difference; nor is less than a call or trap for each entry.
ratio(rust, c) = c > 0 ? rust / c : 1 + rust
shown(rust, c) = ratio(rust, c) > longest ? longest : ratio(rust, c)
known_to(c) = c < 20 ? 0.1 : 0.5
# Within what two runs differ by it is not above either; but a row that is unsteady needs a reason.
kind(rust, c, because) = rust - c <= known_to(c) || because[1:8] eq "two runs" ? 1 : \
	strlen(because) && because[1:8] ne "unsteady" ? 2 : 3
label_at(ratio) = ratio < 1 ? 1 : ratio
number(value, text) = value < 20 ? text : sprintf("%.0f", value)
beyond(rust, c) = ratio(rust, c) > longest ? sprintf(" (%.2f)", ratio(rust, c)) : ""
only(value, is, want) = is == want ? value : NaN
array titles = ["not above the C", "above it for a row of the ledger", "above it, no reason given"]
array colours = ["#2e7d6b", "#d8a23a", "#c0392b"]

plot for [k = 1:3] table skip 1 using (only(shown($3, $2) / 2, kind($3, $2, strcol(4)), k)):0:(shown($3, $2) / 2):(0.38):ytic(strcol(1)) \
		with boxxyerror lc rgb colours[k] title titles[k], \
	table skip 1 using (label_at(shown($3, $2))):0:(" " . number($3, strcol(3)) . " / " . number($2, strcol(2)) . beyond($3, $2)) \
		with labels left font ",10" notitle
