/** The chat of one live stream: validation, history, who hears what (contract 1.4, 1.5). */
import { randomUUID } from 'node:crypto';
import type { StageCounts } from './counts.js';
import type { FaultBoard } from './fault-board.js';
import type { StageClock } from './stage-clock.js';
import { eventOf, isoTime, type StageRooms, type StageSocket, textField } from './stage-socket.js';

const HISTORY_LENGTH = 100;
const LONGEST_MESSAGE = 500;
const MAX_ROOMS = 1000;

interface ChatMessage {
  readonly id: string;
  readonly liveId: string;
  readonly userId: string;
  readonly username: string;
  readonly message: string;
  readonly clientMessageId?: string;
  readonly timestamp: string;
}

export class ChatRooms {
  readonly #clock: StageClock;
  readonly #rooms: StageRooms;
  readonly #counts: StageCounts['chat'];
  readonly #faults: FaultBoard;
  readonly #history = new Map<string, ChatMessage[]>();

  constructor(clock: StageClock, rooms: StageRooms, counts: StageCounts['chat'], faults: FaultBoard) {
    this.#clock = clock;
    this.#rooms = rooms;
    this.#counts = counts;
    this.#faults = faults;
  }

  join(socket: StageSocket, payload: unknown): void {
    const liveId = textField(payload, 'liveId');
    const roomName = `live:${liveId}`;
    socket.join(roomName);
    const messages = this.#history.get(liveId) ?? [];
    if (messages.length > 0) socket.emit('chat:history', eventOf('chat:history', { liveId, messages }));
    this.#announce('chat:user-joined', socket, liveId);
    this.#counts.joins++;
    socket.emit('chat:join-room:success', eventOf('chat:join-room:success', { roomName, ...this.#now() }));
  }

  leave(socket: StageSocket, payload: unknown): void {
    const liveId = textField(payload, 'liveId');
    const roomName = `live:${liveId}`;
    socket.leave(roomName);
    this.#announce('chat:user-left', socket, liveId);
    socket.emit('chat:leave-room:success', eventOf('chat:leave-room:success', { roomName, ...this.#now() }));
  }

  send(socket: StageSocket, payload: unknown): void {
    const raw = textField(payload, 'message');
    if (raw === '') {
      this.#refuse(socket, 'INVALID_MESSAGE', 'Message must be a non-empty string');
      return;
    }
    const text = raw.replace(/<[^>]*>/g, '').trim();
    if (text.length < 1 || text.length > LONGEST_MESSAGE) {
      this.#refuse(socket, 'MESSAGE_TOO_LONG', `Message must be 1-${LONGEST_MESSAGE} characters`);
      return;
    }
    const message = this.#messageOf(socket, payload, text);
    this.#remember(message);
    this.#counts.accepted++;
    this.#broadcast(socket, message);
    socket.emit('chat:send-message:success', eventOf('chat:send-message:success', this.#now()));
  }

  /** Nobody on the stage is an administrator. */
  remove(socket: StageSocket): void {
    this.#refuse(socket, 'FORBIDDEN', 'Only administrators may delete messages');
  }

  #broadcast(socket: StageSocket, message: ChatMessage): void {
    if (this.#faults.active('mute-chat')) return;
    const event = eventOf('chat:message', message);
    if (this.#faults.active('echo-to-sender-only')) {
      socket.emit('chat:message', event);
      this.#counts.deliveries++;
    } else {
      this.#counts.deliveries += this.#rooms.toRoom(`live:${message.liveId}`, 'chat:message', event);
    }
  }

  #messageOf(socket: StageSocket, payload: unknown, message: string): ChatMessage {
    const clientMessageId = textField(payload, 'clientMessageId');
    return {
      id: randomUUID(),
      liveId: textField(payload, 'liveId'),
      userId: socket.user?.userId ?? '',
      username: socket.user?.name ?? '익명',
      message,
      ...(clientMessageId === '' ? {} : { clientMessageId }),
      ...this.#now(),
    };
  }

  #remember(message: ChatMessage): void {
    let messages = this.#history.get(message.liveId);
    if (messages === undefined) {
      if (this.#history.size >= MAX_ROOMS) return;
      messages = [];
      this.#history.set(message.liveId, messages);
    }
    messages.push(message);
    if (messages.length > HISTORY_LENGTH) messages.shift();
  }

  #announce(event: string, socket: StageSocket, liveId: string): void {
    const who = { userId: socket.user?.userId, authenticated: true, liveId };
    this.#rooms.toRoom(`live:${liveId}`, event, eventOf(event, { ...who, ...this.#now() }));
  }

  #refuse(socket: StageSocket, errorCode: string, message: string): void {
    this.#counts.refused++;
    socket.emit('error', { type: 'error', errorCode, message, ...this.#now() });
  }

  #now(): { timestamp: string } {
    return { timestamp: isoTime(this.#clock.epochMs()) };
  }
}
