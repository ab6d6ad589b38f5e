type Action = (...args: never[]) => void | Promise<void>;

/** Loads a command's implementation on first use, so that `--help` loads no server client. */
export const lazyAction =
  <Run extends Action>(load: () => Promise<Run>) =>
  async (...args: Parameters<Run>): Promise<void> => {
    const run = await load();
    await run(...args);
  };
