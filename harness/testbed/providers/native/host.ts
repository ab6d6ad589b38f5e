/** Where child processes listen, and reach each other: nothing of a stack leaves the machine. */
export const NATIVE_HOST = '127.0.0.1';
