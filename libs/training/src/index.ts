export { loadTrainers, type Trainers } from './trainers.ts';
export type { Trainer } from './trainer.ts';
export { runTrainer, type RunTrainerOptions } from './run-trainer.ts';
export type { TrainerOutput } from './trainer-output.ts';
export type { TrainerSpec } from './trainer-spec.ts';
export type { TrainerProgress } from './trainer-line.ts';
