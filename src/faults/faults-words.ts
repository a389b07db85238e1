/** What `dorami-load faults` can be told. */
export const FAULTS_WORDS: readonly string[] = ['list', 'undo'];
