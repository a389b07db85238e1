const Z_95 = 1.96;

/**
 * The interval of Wilson (1927): where the true share may lie, at 95 %, when `part` of `whole` were seen; in %. Unlike
 * the textbook one it is right for small numbers and near 0 and 100 %. `whole` above 0, `part` at most `whole`.
 */
export function wilson(part: number, whole: number): { readonly low: number; readonly high: number } {
  const share = part / whole;
  const z2 = Z_95 ** 2;
  const middle = (share + z2 / (2 * whole)) / (1 + z2 / whole);
  const reach = (Z_95 * Math.sqrt((share * (1 - share)) / whole + z2 / (4 * whole ** 2))) / (1 + z2 / whole);
  return { low: Math.max(0, middle - reach) * 100, high: Math.min(1, middle + reach) * 100 };
}
