/** What went wrong, as short as it can be told: the system's code, e.g. `ENOSPC`, or the message. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.message;
  return String(error);
}
