"""A chart of size against divergence, as plain SVG."""
import math

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 24, 24, 56
COLOURS = ["#9aa0a6", "#e08a1e", "#3b7dd8", "#1b9e5a", "#c2255c"]


def ticks(low, high):
    """1, 2 and 5 times powers of ten inside a range."""
    steps = [m * 10.0 ** e for e in range(-5, 3) for m in (1, 2, 5)]
    return [s for s in steps if low <= s <= high]


def chart(series, title):
    """series: {name: [(label, megabytes, divergence)]}, drawn in that order; logarithmic upwards."""
    points = [p for line in series.values() for p in line]
    xs, ys = [p[1] for p in points], [p[2] for p in points]
    x0, x1 = min(xs) - 3, max(xs) + 4
    y0, y1 = math.log10(min(ys)) - 0.1, math.log10(max(ys)) + 0.1

    def x(megabytes):
        return LEFT + (megabytes - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)

    def y(divergence):
        return TOP + (y1 - math.log10(divergence)) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
           f'font-size="12">', f"<title>{title}</title>", f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    for value in ticks(10 ** y0, 10 ** y1):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#e3e5e8"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#444">{value:g}</text>')
    step = 10 if x1 - x0 < 120 else 50 if x1 - x0 < 600 else 200
    for value in range(math.ceil(x0 / step) * step, int(x1) + 1, step):
        out.append(f'<line x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#f0f1f3"/>')
        out.append(f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#444">{value}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle" fill="#222">size in MB</text>')
    out.append(f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#222">'
               "Mean KLD (nats), lower is better</text>")
    for i, (name, line) in enumerate(series.items()):
        colour, line = COLOURS[i % len(COLOURS)], sorted(line, key=lambda p: p[1])
        path = " ".join(f"{x(m):.1f},{y(d):.1f}" for _, m, d in line)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5" opacity="0.7"/>')
        for label, m, d in line:
            out.append(f'<circle cx="{x(m):.1f}" cy="{y(d):.1f}" r="3.5" fill="{colour}">'
                       f"<title>{name}, {label}: {m:.1f} MB, {d:.4f}</title></circle>")
            if i == 0 or i == len(series) - 1:  # the outer lines carry the names of the types
                dy = -8 if i == 0 else 16
                out.append(f'<text x="{x(m):.1f}" y="{y(d) + dy:.1f}" text-anchor="middle" font-size="10" '
                           f'fill="{colour}">{label}</text>')
        top = TOP + 18 + 18 * i
        out.append(f'<rect x="{WIDTH - 250}" y="{top - 9}" width="12" height="12" fill="{colour}"/>')
        out.append(f'<text x="{WIDTH - 232}" y="{top + 2}" fill="#222">{name}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
