import { css, html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { kinds } from '../../groups.js';
import { base, controls } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { menu } from '../menu.js';

/** @import { ComparedChannel, CompareOptions } from '../../../api/types.js' */

/** Which group each channel belongs to, open to correction. */
export class GroupsEditor extends BenchElement {
  static properties = { channels: { attribute: false } };
  static styles = [
    base,
    controls,
    css`
      :host {
        display: inline-block;
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 16px;
        padding: 4px 0;
      }
      li input {
        width: 120px;
      }
      @media (max-width: 600px) {
        li {
          flex-direction: column;
          align-items: stretch;
          gap: 4px;
        }
      }
      li span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  constructor() {
    super();
    /** The channels themselves, whatever is compared. @type {readonly ComparedChannel[]} */
    this.channels = [];
  }

  /** @param {string} channel @param {string | { group: string, subgroup: string }} group */
  #set(channel, group) {
    const groups = { ...this.bench.compareOptions.groups, [channel]: group };
    this.bench.compareBy({ groups: /** @type {CompareOptions['groups']} */ (groups) });
  }

  /** A kind by a name of one's own. @param {string} channel @param {string} group @param {string} subgroup */
  #own(channel, group, subgroup) {
    const name = subgroup.trim();
    if (name) this.#set(channel, { group, subgroup: name });
  }

  render() {
    const chosen = this.bench.compareOptions.groups ?? {};
    const choices = Object.entries(kinds).flatMap(([group, within]) => [
      { value: group, label: this.t(`group.${group}`) },
      ...within.map((kind) => ({ value: /** @type {string} */ (kind), label: `${this.t(`group.${group}`)} · ${this.t(`group.${kind}`)}` })),
    ]);
    return html`<cw-popover label=${this.t('groups.title')} look="plain" side="start">
      <span slot="button" data-testid="groups">${this.t('groups.edit')}</span>
      <p class="small soft">${this.t('groups.text')}</p>
      <ul>
        ${this.channels.map(({ name, group, subgroup }) => {
          const now = chosen[name] ?? subgroup ?? group;
          const broad = typeof now === 'string' ? group : now.group;
          const own = typeof now === 'string' ? '' : (now.subgroup ?? '');
          return html`<li>
            <span title=${name}>${this.bench.nameOf(name)}</span>
            <div class="row">
              ${menu({
                label: this.t('groups.of', { channel: name }),
                value: typeof now === 'string' ? now : now.group,
                choices,
                choose: (value) => this.#set(name, value),
                testid: `group-of-${name}`,
              })}
              <input
                class="small"
                aria-label=${this.t('groups.own', { channel: name })}
                data-testid="own-group-${name}"
                placeholder=${this.t('groups.ownHint')}
                .value=${live(own)}
                @change=${(/** @type {Event} */ event) => this.#own(name, broad, /** @type {HTMLInputElement} */ (event.target).value)}
              />
            </div>
          </li>`;
        })}
      </ul>
      ${Object.keys(chosen).length
        ? html`<button type="button" class="quiet small" @click=${() => this.bench.compareBy({ groups: undefined })}>${this.t('groups.reset')}</button>`
        : nothing}
    </cw-popover>`;
  }
}
