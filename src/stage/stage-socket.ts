/** What the event handlers of the stage need of a socket server; socket-server.ts has the real one. */
export interface StageSocket {
  readonly id: string;
  /** Undefined for a guest. */
  readonly user: { readonly userId: string; readonly name: string } | undefined;
  join(room: string): void;
  leave(room: string): void;
  emit(event: string, payload: unknown): void;
  /** `handler` gets the event's first argument, whatever the client sent. Packets before this call are lost. */
  on(event: string, handler: (payload: unknown) => void): void;
  onDisconnect(handler: () => void): void;
}

/** Broadcasting in one namespace. Both return how many sockets were addressed. */
export interface StageRooms {
  toRoom(room: string, event: string, payload: unknown): number;
  toAll(event: string, payload: unknown): number;
}

/** `{type, data}` as the platform sends most of its events. */
export function eventOf(type: string, data: object): { type: string; data: object } {
  return { type, data };
}

/** The field of a payload if it is a string, else the empty string. */
export function textField(payload: unknown, name: string): string {
  if (typeof payload !== 'object' || payload === null) return '';
  const value = (payload as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

/** An ISO 8601 time of the stage's clock. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
