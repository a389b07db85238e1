/** Curves over time, a bounded number of points: what is old goes. */
export interface TrendColumns {
  /** Run seconds, oldest first. */
  readonly atS: readonly number[];
  /** By curve, one value per instant; null = nothing was known. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface TrendPoint {
  readonly atS: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Curves that are kept: names of containers are the platform's own, and it may have many. */
const MAX_CURVES = 64;

/** Points of the last `spanMs` of run time, at most one each `everyMs`. */
export class TrendRing {
  readonly #spanMs: number;
  readonly #everyMs: number;
  readonly #keys = new Set<string>();
  #points: TrendPoint[] = [];

  constructor({ spanMs, everyMs }: { spanMs: number; everyMs: number }) {
    this.#spanMs = spanMs;
    this.#everyMs = everyMs;
  }

  get everyMs(): number {
    return this.#everyMs;
  }

  get spanMs(): number {
    return this.#spanMs;
  }

  /** The point that was kept, or undefined when it is too soon for another. */
  add(atMs: number, values: Readonly<Record<string, number | undefined>>): TrendPoint | undefined {
    const last = this.#points.at(-1);
    if (last !== undefined && atMs - last.atS * 1000 < this.#everyMs * 0.9) return undefined;
    const kept: Record<string, number> = {};
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined || !Number.isFinite(value) || !this.#admits(key)) continue;
      kept[key] = Number(value.toPrecision(5));
    }
    const point = { atS: Math.round(atMs / 100) / 10, values: kept };
    this.#points.push(point);
    const oldest = atMs - this.#spanMs;
    if (this.#points.length > this.#spanMs / this.#everyMs + 1 || (this.#points[0]?.atS ?? 0) * 1000 < oldest)
      this.#points = this.#points.filter((one) => one.atS * 1000 >= oldest).slice(-this.#most());
    return point;
  }

  columns(): TrendColumns {
    const values: Record<string, (number | null)[]> = {};
    for (const key of this.#keys) {
      const column = this.#points.map((point) => point.values[key] ?? null);
      if (column.some((value) => value !== null)) values[key] = column;
    }
    return { atS: this.#points.map(({ atS }) => atS), values };
  }

  #most(): number {
    return Math.ceil(this.#spanMs / this.#everyMs) + 1;
  }

  #admits(key: string): boolean {
    if (this.#keys.has(key)) return true;
    if (this.#keys.size >= MAX_CURVES) return false;
    this.#keys.add(key);
    return true;
  }
}
