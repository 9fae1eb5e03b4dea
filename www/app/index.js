/** Defines `<channelwise-app>` and the components it is made of. */
import { ChannelwiseApp } from './app.js';
import { Answer } from './components/answer.js';
import { DeviceBadge, PrivacyBadge } from './components/badges.js';
import { ChannelTable } from './components/channel-table.js';
import { Chart } from './components/chart.js';
import { Coefficients } from './components/coefficients.js';
import { CurvePanel } from './components/curve-panel.js';
import { ErrorPanel } from './components/error-panel.js';
import { ExportMenu } from './components/export-menu.js';
import { Findings } from './components/findings.js';
import { JobProgress } from './components/job-progress.js';
import { MappingTable } from './components/mapping-table.js';
import { MetricsTable } from './components/metrics-table.js';
import { Popover } from './components/popover.js';
import { RunTable } from './components/run-table.js';
import { Segmented } from './components/segmented.js';
import { Tip } from './components/tip.js';
import { TrainOptions } from './components/train-options.js';
import { Training } from './components/training.js';
import { CompareView } from './views/compare.js';
import { DataView } from './views/data.js';
import { TrainView } from './views/train.js';

/** @type {{ [tag: string]: CustomElementConstructor }} */
const elements = {
  'cw-answer': Answer,
  'cw-channel-table': ChannelTable,
  'cw-chart': Chart,
  'cw-coefficients': Coefficients,
  'cw-compare-view': CompareView,
  'cw-curve-panel': CurvePanel,
  'cw-data-view': DataView,
  'cw-device-badge': DeviceBadge,
  'cw-error': ErrorPanel,
  'cw-export': ExportMenu,
  'cw-findings': Findings,
  'cw-mapping-table': MappingTable,
  'cw-metrics-table': MetricsTable,
  'cw-popover': Popover,
  'cw-privacy-badge': PrivacyBadge,
  'cw-progress': JobProgress,
  'cw-run-table': RunTable,
  'cw-segmented': Segmented,
  'cw-tip': Tip,
  'cw-train-options': TrainOptions,
  'cw-train-view': TrainView,
  'cw-training': Training,
  'channelwise-app': ChannelwiseApp,
};

// A page may load this twice, under two addresses.
for (const [tag, element] of Object.entries(elements)) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}

export { ChannelwiseApp };
