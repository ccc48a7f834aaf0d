/** What a model loses without a part of what was trained, and what a part can learn alone. */
package io.github.lorascope.ablation;
