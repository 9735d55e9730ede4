/** One line of the doctor: the check, its result, and the remedy. */
export type Finding = { check: string; state: 'ok' | 'warning' | 'failure'; message: string; remedy?: string }

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message })
export const caution = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'warning',
  message,
  remedy,
})
export const failure = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'failure',
  message,
  remedy,
})

/** The remedy if the configuration differs from the one of the running agent. */
export const READ_AGAIN = 'systemctl restart fiskal-edge: it reads its configuration then'
