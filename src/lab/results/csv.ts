/** Rows as CSV. */

import { stringify } from 'csv-stringify/sync';
import type { Row } from './run-rows.ts';

/** A header and one line for each row, in the order of the columns. Numbers are written so that they read back the same. */
export function csvText(columns: readonly string[], rows: readonly Row[]): string {
  return csvHead(columns) + csvLines(columns, rows);
}

export function csvHead(columns: readonly string[]): string {
  return stringify([[...columns]]);
}

export function csvLines(columns: readonly string[], rows: readonly Row[]): string {
  return stringify(rows as Row[], { columns: [...columns], cast: { boolean: String, number: String } });
}

/** What was asked of a run and of an attack on it. */
export const askedColumns = [
  'dataset',
  'model',
  'cut',
  'trainer',
  'clients',
  'rounds',
  'defense',
  'defense_options',
  'attack',
  'attack_options',
  'view',
] as const;

export const runColumns = [
  'run_id',
  'name',
  'seed',
  ...askedColumns,
  'test_accuracy',
  'metric',
  'leakage',
  'control',
  'control_ok',
  'epsilon_activation',
  'epsilon_weights',
  'epsilon_label',
  'delta',
  'noise_source',
  'bytes_up',
  'bytes_down',
  'engine',
  'distance',
  'epsilon_activation_release',
  'epsilon_weights_conditional',
  'epsilon_joint',
  'epsilon_audited',
  'epsilon_audit_claim',
  'audit_delta',
  'audit_confidence',
  'claim_ok',
  'audited_mechanism',
  'weights_unit',
  'configuration_id',
] as const;

export const roundColumns = [
  'run_id',
  'seed',
  'trainer',
  'defense',
  'round',
  'train_loss',
  'test_loss',
  'test_accuracy',
  'epsilon_activation',
  'epsilon_weights',
  'bytes_up',
  'bytes_down',
] as const;

export const confusionColumns = ['run_id', 'seed', 'label', 'predicted', 'count'] as const;

export const progressColumns = [
  'run_id',
  'seed',
  'attack_number',
  'attack',
  'observation',
  'step',
  'objective',
] as const;

export const timingColumns = ['run_id', 'phase', 'seconds', 'peak_rss_mb'] as const;
