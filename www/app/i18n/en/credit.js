/** Credit for conversions, by code: what can't be worked out, what to beware of, what can be said. */
export const credit = {
  'error.bad-position-weights': 'The position weights must be three numbers of at least 0, not all of them 0.',
  'error.bad-half-life': 'The half-life must be a positive number.',
  'error.bad-markov-order': 'The Markov order must be 1, 2, 3, 4 or “auto”.',
  'error.bad-resamples': '{message}',
  'error.bad-confidence': 'The confidence must lie between 0 and 1.',
  'error.no-conversions': 'No journey converted, so there is no conversion to give credit for.',
  'error.unknown-group': 'There is no channel group of that name.',
  'error.needs-journeys': 'Credit needs journeys: a file of touches with user and time, or of whole paths.',

  'warning.one-channel-paths': 'Every journey has one channel only, so all methods give the same credit.',
  'warning.mostly-one-channel-paths': '{share} of the conversions come from journeys of one channel, on which all methods agree.',
  'warning.no-null-paths': 'No journey without a conversion is known. Markov then goes by how often a channel is part of a journey, not by whether journeys through it convert.',
  'warning.few-converting-journeys': {
    one: 'Only one journey converted: the credit is uncertain, and its intervals are rough.',
    other: 'Only {conversions} journeys converted: the credit is uncertain, and intervals from so few are rough.',
  },
  'warning.no-direct-channel': 'No channel is a direct visit, so last non-direct equals last.',
  'warning.fewer-resamples': 'The data are large: intervals rest on {resamples} resamples instead of {asked}.',
  'warning.fewer-markov-resamples': 'The intervals of the Markov chain rest on {resamples} resamples instead of {asked}, for time.',
  'warning.markov-inexact': 'The Markov chain mixes so slowly that removal effects may be off by {bound}.',

  'finding.credit-leader': '{first} gets most credit by every method: {low} to {high} of the conversions.',
  'finding.credit-leader-unclear': '{first} gets most credit by every method ({low} to {high} of the conversions), but its lead may be chance.',
  'finding.credit-leader-depends': 'Who gets most credit depends on the method: {first} by {agreeing} of {methods}, else {others}.',
  'finding.rank-depends-on-method': 'Whether {first} or {others} gets more credit depends on the method: {ahead} put {first} ahead, {behind} the other.',
  'finding.rank-not-separated': 'This data does not settle whether {first} or {others} gets more credit: {first} is ahead in {above} of the resamples.',
  'finding.too-few-converting-journeys': {
    one: '{channels} is too small to judge: part of fewer than {minimum} converting journeys.',
    other: '{channels} are too small to judge: part of fewer than {minimum} converting journeys.',
  },
};
