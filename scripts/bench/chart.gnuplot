# SPDX-License-Identifier: GPL-2.0
#
# Takes csv, svg and paths (how many rows there are); scripts/bench/chart runs it.

set terminal svg noenhanced size 1000, 150 + 18 * paths font "sans-serif,12" background "white"
set output svg
set datafile separator ","

set title "Instructions of a call: Rust / C, and the two numbers"
set key below vertical maxrows 3
set style fill solid noborder
set xrange [0:*]
set offsets 0, 0.35, 0, 0
set yrange [paths - 0.4:-0.6]
set xtics 0.25
set grid xtics
set border 3
set tics nomirror scale 0
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb "black" front

# The rows are in the order of their ratios; the middle of a bar is half of it. As in the table,
# half an instruction is no difference.
ratio(rust, c) = rust / c
kind(rust, c, because) = rust - c <= 0.5 || because[1:8] eq "unsteady" ? 1 : strlen(because) ? 2 : 3
label_at(ratio) = ratio < 1 ? 1 : ratio
only(value, is, want) = is == want ? value : NaN
array titles = ["not above the C", "above it for a row of the ledger", "above it, no reason given"]
array colours = ["#2e7d6b", "#d8a23a", "#c0392b"]

plot for [k = 1:3] csv skip 1 using (only(ratio($3, $2) / 2, kind($3, $2, strcol(4)), k)):0:(ratio($3, $2) / 2):(0.38):ytic(strcol(1)) \
		with boxxyerror lc rgb colours[k] title titles[k], \
	csv skip 1 using (label_at(ratio($3, $2))):0:(sprintf(" %.0f / %.0f", $3, $2)) with labels left font ",10" notitle
