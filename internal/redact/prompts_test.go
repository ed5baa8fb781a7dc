package redact

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOfAPromptLengthLanguageAndClassesAreTold(t *testing.T) {
	const text = "Please write to jane@example.com and to bob@example.com, and charge the card 4111 1111 1111 1111. What is the IP 10.1.2.3?"
	got := NewPrompter(newKeys(t), false).Prompt(text)
	assert.Equal(t, "length=122 language=en email=2 ip=1 card=1", got.Representation)
	assert.Equal(t, PromptWithheld, got.Reason)
	assert.Len(t, got.Fingerprint, 16)
}

func TestMaskedTextOfAPromptIsReleasedOnlyWhereAskedFor(t *testing.T) {
	const text = "mail jane@example.com the report"
	got := NewPrompter(newKeys(t), true).Prompt(text)
	profile, masked, _ := strings.Cut(got.Representation, "\n")
	assert.Equal(t, "length=32 language=und email=1", profile)
	assert.Contains(t, masked, "mail h1:k1:")
	assert.Contains(t, masked, " the report")
	assert.NotContains(t, masked, "jane")
	assert.Equal(t, PromptMasked, got.Reason)

	list := strings.Repeat("a@example.com ", 2000)
	got = NewPrompter(newKeys(t), true).Prompt(list)
	assert.NotContains(t, got.Representation, "\n", "a list of personal values is not a prompt")
	assert.Equal(t, PromptWithheld, got.Reason)
}

func TestLanguageIsGuessed(t *testing.T) {
	for text, want := range map[string]string{
		"What is the verb for getting the top of a list?":                         "en",
		"Wie ist der Name von dem Kunden, und was ist das?":                       "de",
		"Comment est-ce que je trouve les clients dans la table ?":                "fr",
		"¿Cómo se calcula el total de los pedidos por cliente en una tabla?":      "es",
		"Come si calcola il totale della tabella per il cliente?":                 "it",
		"Como se calcula o total da tabela para um cliente, e não só os pedidos?": "pt",
		"Hoe is het totaal van de tabel met een klant, en wat is dat?":            "nl",
		"Покажи мне все заказы клиента":                                           "ru",
		"顧客の注文を表示してください":                                                          "ja",
		"显示客户的所有订单":                                                               "zh",
		"고객의 모든 주문을 보여줘":                                                          "ko",
		"":                                                                        "und",
		"12345 67890":                                                             "und",
		"x := y.z(); return nil":                                                  "und",
	} {
		assert.Equal(t, want, guessLanguage(text), text)
	}
}

func FuzzPromptProfileHoldsNothingOfThePrompt(f *testing.F) {
	f.Add("Please mail jane@example.com")
	p := NewPrompter(newKeys(f), false)
	f.Fuzz(func(t *testing.T, text string) {
		got := p.Prompt(text).Representation
		for _, c := range got {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz_=0123456789 ", c) {
				t.Fatalf("unexpected character in a profile")
			}
		}
	})
}
