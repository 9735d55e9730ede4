/** The text that a receipt must carry while the TSE is down: AEAO to § 146a, outage section. */
export const OUTAGE_TEXT = 'TSE ausgefallen'
