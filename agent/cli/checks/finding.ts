import { visible } from '../../../base/text.ts'

/**
 * One line of the doctor: the check, its result, and the remedy. Names of shops, units and targets in it cannot end the line.
 */
export type Finding = { check: string; state: 'ok' | 'warning' | 'failure'; message: string; remedy?: string }

export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message: visible(message) }
}

export function caution(check: string, message: string, remedy: string): Finding {
  return { check, state: 'warning', message: visible(message), remedy: visible(remedy) }
}

export function failure(check: string, message: string, remedy: string): Finding {
  return { check, state: 'failure', message: visible(message), remedy: visible(remedy) }
}

/** The remedy if the configuration differs from the one of the running agent. */
export const READ_AGAIN = 'systemctl restart fiskal-edge: it reads its configuration then'
