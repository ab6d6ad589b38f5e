type Action = (...args: never[]) => void | Promise<void>;

/**
 * An action whose code is loaded when its command is run: what a command is called and takes is
 * cheap to know, while what it does may bring clients of every server.
 */
export const later =
  <Run extends Action>(load: () => Promise<Run>) =>
  async (...args: Parameters<Run>): Promise<void> => {
    const run = await load();
    await run(...args);
  };
