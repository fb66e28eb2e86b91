/** Resolves when somebody asks this process to stop; whoever asks twice does not want to wait. */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const)
      process.on(signal, () => {
        process.on(signal, () => process.exit(code));
        resolve();
      });
    // What was started as somebody's child does not outlive them.
    process.once('disconnect', resolve);
  });
}

/** Listening for the parent to go keeps the channel, and with it this process, open. */
export function letGoOfParent(): void {
  process.channel?.unref();
}
