/** With which a person (Ctrl-C), a service manager or a terminal that is closed asks a process to stop. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
