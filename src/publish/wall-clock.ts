/**
 * The clock that captures are stamped with: the wall clock of this machine, in microseconds since the Unix epoch
 * (resolution 1 ms). It follows steps, so whoever compares clocks with the publisher must be answered by this one.
 */
export function wallEpochUs(): number {
  return Date.now() * 1000;
}
