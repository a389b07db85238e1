/** A program and its arguments, each as one word: no shell ever reads them. */
export type Argv = readonly [program: string, ...args: string[]];

/** One call of a program. */
export interface Step {
  readonly argv: Argv;
  /** It may find nothing to do: how it ends decides nothing. */
  readonly mayFail?: true;
}

/** How a program ended. */
export interface ToolEnd {
  readonly ok: boolean;
  readonly stdout: string;
  /** Why it is not ok, on one line; empty when it is. */
  readonly problem: string;
}

/** Whether a change is there: `there`, `gone`, or why that cannot be seen. */
export type Sight = 'there' | 'gone' | { readonly unseen: string };

/** How one change is made, seen and undone by programs of this machine. */
export interface StepPlan {
  readonly make: readonly Step[];
  readonly look: readonly Argv[];
  /** @param ends of the looks, in their order */
  readonly see: (ends: readonly ToolEnd[]) => Sight;
  readonly undo: readonly Step[];
}

/** Reads what a program printed as JSON; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '[]' : text);
  } catch {
    return undefined;
  }
}
