package io.github.lorascope.prompt;

/**
 * A prompt as tokens. A token belongs to a part when their characters overlap.
 *
 * @param ids the token ids, those of the tokenizer's template included
 * @param query the tokens of the query
 * @param documentA the tokens of passage A
 * @param documentB the tokens of passage B
 * @param text the prompt that was encoded, its passages cut
 */
@SuppressWarnings("ArrayRecordComponent") // the array is the caller's; nobody compares prompts
public record EncodedPrompt(
    int[] ids, TokenSpan query, TokenSpan documentA, TokenSpan documentB, String text) {}
