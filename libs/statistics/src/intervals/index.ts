export { BCA, MOVING_BLOCK, bcaInterval, bcaLimits, movingBlockInterval } from './bootstrap.ts';
export { DELONG, aucDifference, aucInterval, aucVariance } from './delong.ts';
export { CLOPPER_PEARSON, NEWCOMBE, WILSON, clopperPearsonInterval, newcombeInterval, wilsonInterval } from './proportion.ts';
export { STUDENT, tInterval, welchInterval } from './student.ts';
